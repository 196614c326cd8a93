package io.asyncjobs.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.ServiceProcess;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Two minutes of {@code bench faults}: three nodes, forty jobs, and whatever can go wrong with them. Run by
 * {@code ./asyncjobs test -Dfaults=true} until it has been seen to pass on busy machines.
 */
@EnabledIfSystemProperty(named = "faults", matches = "true")
class FaultsIT {

    private static final int SECONDS = 120;
    private static final long SEED = 20_261_130;
    private static final int JOBS = 40;

    /** Far more than is promised: other tests may have the processors, and starting a node takes a good part of a minute then. */
    private static final int SILENCE_SECONDS = 90;

    /** Left out here: what needs the machine's superuser or a package that may be missing. */
    private static final Set<FaultKind> FAULTS =
            EnumSet.complementOf(EnumSet.of(FaultKind.DISK_FULL, FaultKind.CLOCK_STEP));

    /** Compiling while faults are made only takes the processors from what is tried. */
    private static final Map<String, String> QUICK = Map.of(
            "JAVA_OPTS", "-XX:TieredStopAtLevel=1",
            "ASYNCJOBS_SCRIPT_COMPILE", "false",
            "ASYNCJOBS_SCRIPT_SPARE_WORKERS", "0");

    @Test
    void nothing_is_lost_and_nothing_done_twice_whatever_fails() throws Exception {
        assertThat(ServiceProcess.command("cache").exitCode()).isZero();
        FaultsBench.Options options = new FaultsBench.Options(
                SECONDS, SEED, 3, JOBS, FAULTS, false, SILENCE_SECONDS, QUICK, Optional.empty(), Optional.empty());

        FaultsBench.Findings findings =
                new FaultsBench(Path.of("asyncjobs").toAbsolutePath(), options, System.out).run();

        assertThat(findings.violations()).isZero();
        assertThat(findings.faults()).isGreaterThan(10);
        assertThat(findings.runs()).isGreaterThan(500);
    }
}
