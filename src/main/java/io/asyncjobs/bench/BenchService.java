package io.asyncjobs.bench;

import io.asyncjobs.platform.crypto.KeyRing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The service as a process of its own, started by the launcher as an operator would. */
final class BenchService implements AutoCloseable {

    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final Path log;

    private BenchService(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it on that database and returns when it listens. */
    static BenchService start(Path launcher, Path folder, BenchDatabase database, boolean withScripts)
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
        environment.put("ASYNCJOBS_BUILD", "never");
        environment.put("ASYNCJOBS_ENCRYPTION_KEYS", KeyRing.newKey("bench"));
        environment.put("ASYNCJOBS_AUDIT_KEYS", KeyRing.newKey("bench"));
        if (!withScripts) {
            environment.put("ASYNCJOBS_RUN_WITHOUT_SCRIPTS", "true");
            environment.put("ASYNCJOBS_SCRIPT_SPARE_WORKERS", "0");
        }
        BenchService service = new BenchService(builder.start(), log);
        try {
            service.awaitListening();
            return service;
        } catch (IOException | InterruptedException | RuntimeException e) {
            service.close();
            throw e;
        }
    }

    /** The launcher becomes the service, so it is the same process. */
    long pid() {
        return process.pid();
    }

    void checkAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("The service ended with " + process.exitValue() + ". It said:\n" + endOfLog());
        }
    }

    private void awaitListening() throws IOException, InterruptedException {
        long end = System.nanoTime() + START_PATIENCE.toNanos();
        while (!Files.readString(log).contains("Listening on:")) {
            checkAlive();
            if (System.nanoTime() > end) {
                throw new IOException("The service does not start. It said:\n" + endOfLog());
            }
            Thread.sleep(20);
        }
    }

    /** Errors and warnings it has logged; normally none. */
    List<String> complaints() throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(" ERROR ") || line.contains(" WARN "))
                    .toList();
        }
    }

    private String endOfLog() throws IOException {
        String text = Files.readString(log);
        return text.substring(Math.max(0, text.length() - 4_000));
    }

    @Override
    public void close() {
        process.destroy();
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
