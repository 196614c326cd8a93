package io.asyncjobs.bench;

import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.security.EmbeddedIssuer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The nodes of the service, each a process of its own, started by the launcher as an operator would. */
final class BenchService implements AutoCloseable {

    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final int PROGRESS_SECONDS = 5;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://[^\\s.]+(?:\\.\\d+)*:\\d+)");

    private static final Pattern WORKER_READY = Pattern.compile(" is ready after (\\d+) ms");

    private record Node(Process process, Path data, Path log) {}

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
        Path data = folder.resolve("service");
        ProcessBuilder builder = new ProcessBuilder(
                        launcher.toString(), "start", "--port", "0", "--data", data.toString())
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
        Node node = new Node(builder.start(), data, log);
        nodes.add(node);
        awaitListening(node);
    }

    /** The launcher becomes the service, so these are the same processes. */
    List<Long> pids() {
        return nodes.stream().map(node -> node.process.pid()).toList();
    }

    /** Where the first node listens. */
    URI uri() throws IOException {
        Matcher listening = LISTENING.matcher(Files.readString(nodes.getFirst().log));
        if (!listening.find()) {
            throw new IOException("The service does not say where it listens");
        }
        return URI.create(listening.group(1));
    }

    /** A superadmin's token for the first node. */
    String token() throws IOException {
        return EmbeddedIssuer.in(DataFolder.at(nodes.getFirst().data))
                .token("bench", List.of("superadmin"), Duration.ofHours(1));
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

    /** How long the first node's first worker took from its start until it was ready, in milliseconds. */
    OptionalLong workerReadyMillis() throws IOException {
        Matcher ready = WORKER_READY.matcher(Files.readString(nodes.getFirst().log));
        return ready.find() ? OptionalLong.of(Long.parseLong(ready.group(1))) : OptionalLong.empty();
    }

    /** What is shown beside the time that is left. */
    interface Detail {
        String text() throws SQLException;
    }

    /** Waits so long, and fails when a node ends meanwhile. */
    void watch(String what, int seconds, Detail detail) throws IOException, InterruptedException, SQLException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            checkAlive();
            System.err.printf(
                    Locale.ROOT, "%s: %d s left%s%n", what, Math.ceilDiv(left, 1_000_000_000L), detail.text());
            Thread.sleep(Math.min(PROGRESS_SECONDS * 1_000L, Math.max(1, left / 1_000_000)));
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
