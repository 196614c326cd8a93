package io.asyncjobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.ServiceProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The measurements run, and account for every tick; how fast, a busy machine cannot tell. */
class ScheduleBenchIT {

    @TempDir
    Path folder;

    @Test
    void even_load_is_measured_and_every_tick_accounted_for() throws Exception {
        Path json = folder.resolve("schedule.json");

        ServiceProcess.Ended ended = ServiceProcess.command(
                "bench", "schedule", "--jobs", "50", "--seconds", "3", "--warm-up", "3", "--json", json.toString());

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        JsonNode numbers = new ObjectMapper().readTree(json.toFile());
        assertThat(numbers.get("ticksDemanded").longValue()).isPositive();
        assertThat(numbers.get("ticksUnaccounted").longValue()).isZero();
        assertThat(numbers.get("ticksRunTwice").longValue()).isZero();
        assertThat(numbers.get("latenessMillis").get("min").doubleValue()).isNotNegative();
        assertThat(numbers.get("walBytesPerRun").doubleValue()).isPositive();
    }

    @Test
    void manifest_is_planned_and_applied_beside_jobs_that_run() throws Exception {
        Path json = folder.resolve("provision.json");

        ServiceProcess.Ended ended = ServiceProcess.command(
                "bench",
                "provision",
                "--manifest-jobs",
                "30",
                "--jobs",
                "5",
                "--warm-up",
                "3",
                "--json",
                json.toString());

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        JsonNode numbers = new ObjectMapper().readTree(json.toFile());
        assertThat(numbers.get("planned").intValue()).isEqualTo(30);
        assertThat(numbers.get("plannedAgain").intValue()).isZero();
        assertThat(numbers.get("ticksDemanded").longValue()).isPositive();
        assertThat(numbers.get("ticksUnaccounted").longValue()).isZero();
    }

    @Test
    void overdue_jobs_run_once_each_in_the_build_without_scripts() throws Exception {
        Path json = folder.resolve("drain.json");
        ServiceProcess.Ended built = ServiceProcess.command("bench", "build");
        assertThat(built.exitCode()).as(built.output()).isZero();

        ServiceProcess.Ended ended = ServiceProcess.command(
                "bench", "drain", "--jobs", "300", "--warm-up", "1", "--no-script", "--json", json.toString());

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        JsonNode numbers = new ObjectMapper().readTree(json.toFile());
        assertThat(numbers.get("drained").longValue()).isEqualTo(300);
        assertThat(numbers.get("succeeded").longValue()).isEqualTo(300);
    }
}
