package io.asyncjobs.bench.faults;

import io.asyncjobs.bench.ProcessMeter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One of the cluster's nodes: a process that the launcher started, or its successor after it was killed. Thread-safe. */
final class ServiceNode implements AutoCloseable {

    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://[^\\s.]+(?:\\.\\d+)*:\\d+)");
    private static final int LOG_SHOWN = 3_000;

    private final int number;
    private final Path launcher;
    private final Path data;
    private final Path logs;
    private final TcpProxy proxy;
    private final Map<String, String> environment;

    // Guarded by this
    private @Nullable Process process;
    private @Nullable Path log;
    private @Nullable URI uri;
    private int starts;
    private boolean endExpected = true;
    private boolean stopped;

    ServiceNode(int number, Path launcher, Path data, Path logs, TcpProxy proxy, Map<String, String> environment) {
        this.number = number;
        this.launcher = launcher;
        this.data = data;
        this.logs = logs;
        this.proxy = proxy;
        this.environment = Map.copyOf(environment);
    }

    int number() {
        return number;
    }

    TcpProxy proxy() {
        return proxy;
    }

    /** Starts it unless it lives; returns at once. */
    synchronized void start() throws IOException {
        if (isAlive()) {
            return;
        }
        starts++;
        Path output = logs.resolve("node-" + number + "-" + starts + ".log");
        ProcessBuilder builder = new ProcessBuilder(
                        launcher.toString(), "start", "--port", "0", "--data", data.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("QUARKUS_DATASOURCE_")
                        || name.startsWith("MP_JWT_VERIFY_")
                        || name.startsWith("ASYNCJOBS_") && !name.startsWith("ASYNCJOBS_SCRIPT_"));
        builder.environment().put("ASYNCJOBS_BUILD", "never");
        builder.environment().putAll(environment);
        process = builder.start();
        log = output;
        uri = null;
        endExpected = false;
        stopped = false;
    }

    synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Whether it lives and is not halted. */
    synchronized boolean isActive() {
        return isAlive() && !stopped;
    }

    /** Whether it ended and nobody had asked for that. */
    synchronized boolean endedByItself() {
        return process != null && !process.isAlive() && !endExpected;
    }

    /** From now on its end surprises nobody. */
    synchronized void expectEnd() {
        endExpected = true;
    }

    synchronized int exitValue() {
        return process == null ? 0 : process.exitValue();
    }

    /** The launcher becomes the service, so it is the same process. */
    synchronized long pid() {
        return process == null ? -1 : process.pid();
    }

    /** Where it listens, once it does. */
    synchronized Optional<URI> uri() {
        if (uri == null && log != null) {
            try {
                Matcher matcher = LISTENING.matcher(Files.readString(log));
                if (matcher.find()) {
                    uri = URI.create(matcher.group(1));
                }
            } catch (IOException e) {
                return Optional.empty();
            }
        }
        return Optional.ofNullable(uri);
    }

    /** Whether a worker of it has been ready since it was started. */
    synchronized boolean hasWorker() throws IOException {
        return log != null && Files.readString(log).contains(" is ready after ");
    }

    List<Long> workers() {
        long own = pid();
        return own < 0 ? List.of() : ProcessMeter.childrenOf(ProcessMeter.all(), own);
    }

    void kill() throws IOException, InterruptedException {
        Process killed;
        synchronized (this) {
            endExpected = true;
            killed = process;
        }
        if (killed != null) {
            killed.destroyForcibly().waitFor();
        }
    }

    /** SIGTERM; returns whether it had ended within that time. */
    boolean terminate(long seconds) throws InterruptedException {
        Process ending;
        synchronized (this) {
            endExpected = true;
            ending = process;
        }
        if (ending == null) {
            return true;
        }
        ending.destroy();
        return ending.waitFor(seconds, TimeUnit.SECONDS);
    }

    /** SIGSTOP; returns the process that was halted. */
    long halt() throws IOException, InterruptedException {
        long halted;
        synchronized (this) {
            stopped = true;
            halted = pid();
        }
        Signals.send("STOP", List.of(halted));
        return halted;
    }

    /** SIGCONT to a process that was halted, be it this node's still or not. */
    void goOn(long halted) throws IOException, InterruptedException {
        Signals.send("CONT", List.of(halted));
        synchronized (this) {
            if (pid() == halted) {
                stopped = false;
            }
        }
    }

    synchronized String endOfLog() {
        if (log == null) {
            return "";
        }
        try {
            String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - LOG_SHOWN));
        } catch (IOException e) {
            return e.toString();
        }
    }

    synchronized @Nullable Path log() {
        return log;
    }

    @Override
    public void close() throws IOException {
        Process ending;
        synchronized (this) {
            endExpected = true;
            ending = process;
        }
        if (ending != null) {
            ending.destroyForcibly().onExit().join();
        }
    }
}
