package io.asyncjobs.bench;

import io.asyncjobs.bench.faults.FaultsBench;
import io.asyncjobs.platform.CommandArguments.UsageException;
import io.asyncjobs.platform.embedded.EmbeddedDatabaseException;
import io.asyncjobs.script.ScriptBench;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * The benchmarks that {@code ./asyncjobs bench} starts.
 *
 * <p>Two system properties name the launcher of the service ({@code asyncjobs.launcher}) and that of the build without
 * scripts ({@code asyncjobs.unscripted-launcher}).
 */
public final class Bench {

    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private Bench() {}

    public static void main(String... arguments) {
        try {
            switch (BenchCommand.parse(arguments)) {
                case BenchCommand.Scripts scripts ->
                    ScriptBench.run(
                            scripts.warmUpSeconds(),
                            scripts.seconds(),
                            scripts.json().orElse(null),
                            System.out);
                case BenchCommand.Schedule schedule ->
                    timers(schedule.withScripts())
                            .schedule(schedule.load(), schedule.json().orElse(null));
                case BenchCommand.Cold cold ->
                    new ColdBench(launcher("asyncjobs.launcher"), target(), System.out)
                            .measure(
                                    cold.jobs(),
                                    cold.intervalSeconds(),
                                    cold.seconds(),
                                    cold.json().orElse(null));
                case BenchCommand.Drain drain ->
                    timers(drain.withScripts())
                            .drain(
                                    drain.jobs(),
                                    drain.warmUpSeconds(),
                                    drain.json().orElse(null));
                case BenchCommand.Provision provision ->
                    new ProvisioningBench(launcher("asyncjobs.launcher"), target(), System.out)
                            .provision(provision.load(), provision.json().orElse(null));
                case BenchCommand.Faults faults -> faults(faults);
                case BenchCommand.Help help -> System.out.print(help.text());
            }
        } catch (UsageException e) {
            fail(MISUSED, e.getMessage() + "\nTry 'asyncjobs bench SCENARIO --help'.");
        } catch (IOException | EmbeddedDatabaseException | SQLException e) {
            fail(FAILED, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(FAILED, "Interrupted");
        }
    }

    private static ScheduleBench timers(boolean withScripts) {
        return new ScheduleBench(
                launcher(withScripts ? "asyncjobs.launcher" : "asyncjobs.unscripted-launcher"),
                target(),
                withScripts,
                System.out);
    }

    private static ScheduleBench.Target target() {
        return new ScheduleBench.Target(
                variable("QUARKUS_DATASOURCE_JDBC_URL").orElse(null),
                variable("QUARKUS_DATASOURCE_USERNAME").orElse(""),
                variable("QUARKUS_DATASOURCE_PASSWORD").orElse(""));
    }

    private static void faults(BenchCommand.Faults faults) throws IOException, InterruptedException, SQLException {
        FaultsBench bench = new FaultsBench(
                launcher("asyncjobs.launcher"),
                new FaultsBench.Options(
                        faults.minutes() * 60L,
                        faults.seed().orElseGet(() -> new SecureRandom().nextInt(1, 10_000_000)),
                        faults.nodes(),
                        faults.jobs(),
                        faults.faults(),
                        faults.alone(),
                        faults.silenceSeconds(),
                        Map.of(),
                        faults.folder(),
                        faults.json()),
                System.out);
        System.exit(bench.run().violations() == 0 ? 0 : FAILED);
    }

    private static Path launcher(String property) {
        String path = System.getProperty(property);
        if (path == null) {
            throw new UsageException("Where the service is must be said by -D" + property + ".");
        }
        return Path.of(path);
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    private static void fail(int exitCode, String message) {
        System.err.println(message);
        System.exit(exitCode);
    }
}
