package io.asyncjobs.bench;

import io.asyncjobs.platform.crypto.KeyRing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The nodes of the service, each a process of its own, started by the launcher as an operator would. */
final class BenchService implements AutoCloseable {

    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private record Node(Process process, Path log) {}

    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, String> keys = Map.of(
            "ASYNCJOBS_ENCRYPTION_KEYS", KeyRing.newKey("bench"), "ASYNCJOBS_AUDIT_KEYS", KeyRing.newKey("bench"));

    private BenchService() {}

    /** Starts so many nodes on that database, one after the other, and returns when they listen. */
    static BenchService start(Path launcher, Path folder, BenchDatabase database, boolean withScripts, int nodes)
            throws IOException, InterruptedException {
        BenchService service = new BenchService();
        try {
            for (int number = 0; number < nodes; number++) {
                service.add(launcher, Files.createDirectories(folder.resolve("node-" + number)), database, withScripts);
            }
            return service;
        } catch (IOException | InterruptedException | RuntimeException e) {
            service.close();
            throw e;
        }
    }

    private void add(Path launcher, Path folder, BenchDatabase database, boolean withScripts)
            throws IOException, InterruptedException {
        Path log = folder.resolve("service.log");
        ProcessBuilder builder = new ProcessBuilder(
                        launcher.toString(),
                        "start",
                        "--port",
                        "0",
                        "--data",
                        folder.resolve("service").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.putAll(database.environment());
        environment.putAll(keys);
        environment.put("ASYNCJOBS_BUILD", "never");
        environment.put(
                "ASYNCJOBS_AUDIT_CHECKPOINT_FILE",
                folder.resolve("checkpoints.ndjson").toString());
        if (!withScripts) {
            environment.put("ASYNCJOBS_SCRIPT_SPARE_WORKERS", "0");
        }
        Node node = new Node(builder.start(), log);
        nodes.add(node);
        awaitListening(node);
    }

    /** The launcher becomes the service, so these are the same processes. */
    List<Long> pids() {
        return nodes.stream().map(node -> node.process.pid()).toList();
    }

    void checkAlive() throws IOException {
        for (Node node : nodes) {
            checkAlive(node);
        }
    }

    private static void checkAlive(Node node) throws IOException {
        if (!node.process.isAlive()) {
            throw new IOException(
                    "The service ended with " + node.process.exitValue() + ". It said:\n" + endOfLog(node));
        }
    }

    private static void awaitListening(Node node) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_PATIENCE.toNanos();
        while (!Files.readString(node.log).contains("Listening on:")) {
            checkAlive(node);
            if (System.nanoTime() > end) {
                throw new IOException("The service does not start. It said:\n" + endOfLog(node));
            }
            Thread.sleep(20);
        }
    }

    /** Errors and warnings that the nodes have logged; normally none. */
    List<String> complaints() throws IOException {
        List<String> complaints = new ArrayList<>();
        for (Node node : nodes) {
            try (var lines = Files.lines(node.log)) {
                lines.filter(line -> line.contains(" ERROR ") || line.contains(" WARN "))
                        .forEach(complaints::add);
            }
        }
        return complaints;
    }

    private static String endOfLog(Node node) throws IOException {
        String text = Files.readString(node.log);
        return text.substring(Math.max(0, text.length() - 4_000));
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.process.destroy());
        nodes.forEach(node -> awaitEnd(node.process));
    }

    private static void awaitEnd(Process process) {
        try {
            if (!process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
