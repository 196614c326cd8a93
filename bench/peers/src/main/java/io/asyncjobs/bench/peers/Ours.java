package io.asyncjobs.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Async Job Manager, measured by its own {@code bench schedule} and {@code bench drain} in processes of its own. */
final class Ours {

    private final Path launcher;
    private final Server server;

    Ours(Path launcher, Server server) {
        this.launcher = launcher;
        this.server = server;
    }

    /** Runs the scenario with these arguments on a database of that name; {@code more} may hold {@code --no-script}. */
    Row measure(String database, String scenario, String load, List<String> arguments, boolean scripts)
            throws Exception {
        Path file = Files.createTempFile("asyncjobs-bench", ".json");
        try {
            List<String> command = new ArrayList<>(List.of(launcher.toString(), "bench", scenario));
            command.addAll(arguments);
            if (!scripts) {
                command.add("--no-script");
            }
            command.addAll(List.of("--json", file.toString()));
            run(command, database, ProcessBuilder.Redirect.DISCARD);
            return row(new ObjectMapper().readTree(file.toFile()), load, scripts);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Starts it on a database of that name with so many jobs of a second, and shows its first seconds. */
    void cold(String database, int jobs, int seconds) throws Exception {
        run(
                List.of(
                        launcher.toString(),
                        "bench",
                        "cold",
                        "--jobs",
                        Integer.toString(jobs),
                        "--seconds",
                        Integer.toString(seconds)),
                database,
                ProcessBuilder.Redirect.INHERIT);
    }

    private void run(List<String> command, String database, ProcessBuilder.Redirect output) throws Exception {
        ProcessBuilder process = new ProcessBuilder(command)
                .redirectOutput(output)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        process.environment().put("QUARKUS_DATASOURCE_JDBC_URL", server.create(database));
        process.environment().put("QUARKUS_DATASOURCE_USERNAME", server.username());
        process.environment().put("QUARKUS_DATASOURCE_PASSWORD", server.username());
        int exit = process.start().waitFor();
        if (exit != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + exit);
        }
    }

    private static Row row(JsonNode result, String load, boolean scripts) {
        JsonNode cpu = result.path("cpuSecondsPer1000Runs");
        JsonNode late = result.path("latenessMillis");
        boolean drained = late.isMissingNode();
        return new Row(
                "Async Job Manager, " + (scripts ? "a script each" : "no scripts"),
                load,
                result.path(drained ? "runsPerSecond" : "achievedPerSecond").asDouble(),
                result.path("demandedPerSecond").asDouble(),
                drained ? -1 : result.path("missed").asLong(),
                drained
                        ? new double[0]
                        : new double[] {
                            late.path("p50").asDouble(), late.path("p99").asDouble(), late.path("max").asDouble()
                        },
                cpu.path("node").asDouble() + cpu.path("workers").asDouble(),
                cpu.path("postgres").asDouble(),
                result.path("transactionsPerRun").asDouble(),
                result.path("walBytesPerRun").asDouble());
    }
}
