package io.asyncjobs.script;

import io.asyncjobs.script.worker.Frame;
import io.asyncjobs.script.worker.FromWorker;
import io.asyncjobs.script.worker.MalformedFrameException;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The node's end of one worker: the process, its pipes, and a thread for each pipe. Thread-safe. */
final class WorkerProcess {

    /** Called by the reading thread, in the worker's order. */
    interface Listener {

        /**
         * @param bytes the size of the message's frame
         * @throws MalformedFrameException if the message does not belong here; the worker is killed then
         */
        void received(FromWorker message, int bytes) throws MalformedFrameException;

        /** Called once, after the last message. */
        void exited(int status);
    }

    /** @param gone runs when the frame is held here no longer */
    private record Outgoing(Frame frame, Runnable gone) {}

    private static final Runnable NOTHING = () -> {};
    private static final Logger LOG = Logger.getLogger(WorkerProcess.class);
    private static final int KEPT_LINES = 12;
    private static final long LAST_WORDS_MILLIS = 200;
    private static final long GONE_SECONDS = 2;

    private final Instant startedAt = Instant.now();
    private final long startedNanoTime = System.nanoTime();
    private volatile @Nullable String killedBecause;
    private volatile boolean killed;

    private final Process process;
    private final CountDownLatch gone = new CountDownLatch(1);
    private final Path directory;
    private final BlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>();
    private volatile boolean writesNoMore;
    private final Deque<String> lastLines = new ArrayDeque<>();

    private WorkerProcess(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
    }

    static WorkerProcess start(WorkerCommand command, boolean compile) throws IOException {
        Path directory = Files.createTempDirectory("asyncjobs-worker-");
        try {
            return new WorkerProcess(command.start(directory, compile), directory);
        } catch (IOException e) {
            Files.deleteIfExists(directory);
            throw e;
        }
    }

    /** Begins to read and write; called once. */
    void open(Listener listener) {
        String name = "worker-" + pid();
        Thread errors = daemon(name + "-err", this::readErrors);
        Thread writer = daemon(name + "-out", this::write);
        daemon(name + "-in", () -> read(listener, errors, writer));
    }

    long pid() {
        return process.pid();
    }

    Instant startedAt() {
        return startedAt;
    }

    /** Processor time that it has used; zero where the platform does not tell. */
    Duration cpuTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Milliseconds since its start. */
    long age() {
        return (System.nanoTime() - startedNanoTime) / 1_000_000;
    }

    void send(Frame frame) {
        send(frame, NOTHING);
    }

    /** Runs {@code gone} when the frame is held here no longer: it is in the pipe, or the worker has ended. */
    void send(Frame frame, Runnable gone) {
        outgoing.add(new Outgoing(frame, gone));
        if (writesNoMore) {
            dropOutgoing();
        }
    }

    private void dropOutgoing() {
        for (Outgoing next = outgoing.poll(); next != null; next = outgoing.poll()) {
            next.gone.run();
        }
    }

    void kill() {
        killed = true;
        process.destroyForcibly();
    }

    /** @param because told to those who had tasks there */
    void kill(String because) {
        killedBecause = because;
        kill();
    }

    /** Null unless {@link #kill(String)} or a breach of the protocol ended it. */
    @Nullable
    String killedBecause() {
        return killedBecause;
    }

    /** Waits a moment until it has ended and nothing of it is left. */
    void awaitGone() {
        try {
            if (!gone.await(GONE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warnf("Worker %d takes long to end", pid());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it is alive and nobody has killed it. */
    boolean isUp() {
        return !killed && isAlive();
    }

    /** The last it wrote to its standard error. */
    String lastWords() {
        synchronized (lastLines) {
            return String.join(" | ", lastLines);
        }
    }

    private void read(Listener listener, Thread errors, Thread writer) {
        try (DataInputStream in = Frame.input(process.getInputStream())) {
            for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
                listener.received(FromWorker.read(frame), frame.size());
            }
        } catch (MalformedFrameException e) {
            LOG.warnf("Worker %d does not keep to the protocol and is killed: %s", pid(), e.getMessage());
            killedBecause = "its worker process broke the protocol";
        } catch (IOException e) {
            LOG.debugf(e, "Worker %d is gone", pid());
        } catch (RuntimeException | Error e) {
            // Its tasks must end all the same, which the rest of this method sees to
            LOG.errorf(e, "A message of worker %d could not be handled; it is killed", pid());
        }
        // Its pipe is closed, or what comes from it makes no sense
        kill();
        writer.interrupt();
        int status = awaitExit(errors);
        listener.exited(status);
        deleteDirectory();
        gone.countDown();
    }

    private int awaitExit(Thread errors) {
        while (true) {
            try {
                int status = process.waitFor();
                // So that its last words are complete
                errors.join(LAST_WORDS_MILLIS);
                return status;
            } catch (InterruptedException e) {
                // Nobody interrupts this thread on purpose, and a killed process ends soon
                LOG.debug("interrupted", e);
            }
        }
    }

    private void write() {
        try (OutputStream out = process.getOutputStream()) {
            while (true) {
                for (Outgoing next = outgoing.take(); next != null; next = outgoing.poll()) {
                    try {
                        next.frame.writeTo(out);
                    } finally {
                        next.gone.run();
                    }
                }
                out.flush();
            }
        } catch (IOException e) {
            LOG.debugf(e, "Worker %d reads no more", pid());
        } catch (InterruptedException e) {
            // Once there is nothing to be read from it any more
            Thread.currentThread().interrupt();
        } finally {
            writesNoMore = true;
            dropOutgoing();
        }
    }

    private void readErrors() {
        try (BufferedReader lines = process.errorReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                LOG.infof("Worker %d: %s", pid(), line);
                synchronized (lastLines) {
                    lastLines.addLast(line);
                    if (lastLines.size() > KEPT_LINES) {
                        lastLines.removeFirst();
                    }
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debugf(e, "Worker %d says no more", pid());
        }
    }

    /**
     * Once the JVM is up it needs the name of its working directory no more: without one nothing can be left in it, and
     * nothing of it is left behind when the node is killed.
     */
    void deleteDirectory() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debugf(e, "%s is left behind", directory);
        }
    }

    private static Thread daemon(String name, Runnable task) {
        return Thread.ofPlatform().daemon().name(name).start(task);
    }
}
