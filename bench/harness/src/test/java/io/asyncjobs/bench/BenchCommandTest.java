package io.asyncjobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.bench.faults.FaultKind;
import io.asyncjobs.platform.CommandArguments.UsageException;
import io.asyncjobs.testsupport.Fast;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class BenchCommandTest {

    @Test
    void a_measurement_of_timers_has_a_load_and_a_time() {
        assertThat(BenchCommand.parse(
                        "schedule",
                        "--nodes=3",
                        "--jobs",
                        "100",
                        "--no-script",
                        "--interval=5",
                        "--json",
                        "numbers.json"))
                .isEqualTo(new BenchCommand.Schedule(
                        new ScheduleBench.Load(3, 100, 5, 60, 20, 0, 0), false, Optional.of(Path.of("numbers.json"))));
        assertThat(BenchCommand.parse("cold", "--jobs=100"))
                .isEqualTo(new BenchCommand.Cold(100, 1, 60, Optional.empty()));
        assertThat(BenchCommand.parse("drain")).isEqualTo(new BenchCommand.Drain(20_000, 20, true, Optional.empty()));
        assertThat(BenchCommand.parse("provision", "--manifest-jobs", "20"))
                .isEqualTo(new BenchCommand.Provision(new ProvisioningBench.Load(20, 50, 30), Optional.empty()));
        assertThatThrownBy(() -> BenchCommand.parse("schedule", "--interval", "301"))
                .hasMessageContaining("--interval wants a number from 1 to 300");
        assertThatThrownBy(() -> BenchCommand.parse("everything"))
                .hasMessageContaining("scripts, schedule, cold, drain, provision, faults, simulate or peers");
    }

    @Test
    void faults_are_of_all_kinds_unless_some_are_named() {
        assertThat(BenchCommand.parse(
                        "faults", "--minutes", "2", "--seed", "7", "--faults", "net-cut,changes", "--alone"))
                .isEqualTo(new BenchCommand.Faults(
                        2,
                        Optional.of(7),
                        3,
                        120,
                        Set.of(FaultKind.NET_CUT, FaultKind.CHANGES),
                        true,
                        10,
                        Optional.empty(),
                        Optional.empty()));
        assertThat(((BenchCommand.Faults) BenchCommand.parse("faults")).faults())
                .isEqualTo(FaultKind.all());
        assertThatThrownBy(() -> BenchCommand.parse("faults", "--faults", "net-cut,earthquake"))
                .hasMessageContaining("no fault 'earthquake'")
                .hasMessageContaining("node-kill");
        assertThatThrownBy(() -> BenchCommand.parse("faults", "--faults", "changes"))
                .hasMessageContaining("--faults");
    }

    @Test
    void what_is_unknown_is_refused_by_name() {
        assertThatThrownBy(() -> BenchCommand.parse("scripts", "--no-script"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--no-script");
        assertThatThrownBy(() -> BenchCommand.parse("drain", "--jobs")).hasMessageContaining("--jobs wants a value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"scripts", "schedule", "drain", "provision", "faults"})
    void each_scenario_has_help(String scenario) {
        assertThat(BenchCommand.parse(scenario, "--help"))
                .isInstanceOfSatisfying(BenchCommand.Help.class, help -> assertThat(help.text())
                        .startsWith("Usage: asyncjobs bench " + scenario)
                        .contains("--json=FILE"));
        assertThat(BenchCommand.parse("--help"))
                .isInstanceOfSatisfying(
                        BenchCommand.Help.class, help -> assertThat(help.text()).contains(scenario));
    }
}
