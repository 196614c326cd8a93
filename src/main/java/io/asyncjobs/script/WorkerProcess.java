package io.asyncjobs.script;

import io.asyncjobs.script.worker.Frame;
import io.asyncjobs.script.worker.FrameType;
import io.asyncjobs.script.worker.MalformedFrameException;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The node's end of one worker: the process, its pipes and a thread for each. What is said over them is the pool's
 * business.
 */
final class WorkerProcess {

    /** Told by the reading thread, in the order the worker spoke. */
    interface Listener {
        void frame(WorkerProcess worker, Frame frame) throws IOException;

        void exited(WorkerProcess worker, int status);
    }

    /** A frame with what is to be done when it is gone. */
    private record Outgoing(Frame frame, Runnable gone) {}

    private static final Runnable NOTHING = () -> {};
    private static final Logger LOG = Logger.getLogger(WorkerProcess.class);
    private static final int MAX_KNOWN_SOURCES = 512;
    private static final long MAX_KNOWN_CHARS = 4L * 1024 * 1024;
    /** The same text runs in both modes for as long as one job has it from before. */
    private static final String SLOPPY = " sloppy";

    private static final int KEPT_LINES = 12;
    private static final long LAST_WORDS_MILLIS = 200;
    private static final long GONE_SECONDS = 2;

    final Instant startedAt = Instant.now();
    final long startedNanoTime = System.nanoTime();
    /** Runs and checks that were given to it; guarded by the pool's lock, as is all below. */
    final Map<Long, PoolTask> tasks = new LinkedHashMap<>();

    int runs;
    /** Whether its one run is to stay alone. */
    boolean reserved;
    /** Whether it works although it is condemned, and may take runs until another worker is ready. */
    boolean standIn;

    WorkerView.State state = WorkerView.State.STARTING;
    WorkerView.Mode mode;
    volatile @Nullable String killedBecause;
    private volatile boolean killed;

    private final Process process;
    private final CountDownLatch gone = new CountDownLatch(1);
    private final Path directory;
    private final Listener listener;
    private final BlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>();
    private volatile boolean writesNoMore;
    private final LinkedHashMap<String, Integer> knownSources = new LinkedHashMap<>(16, 0.75f, true);
    private final Deque<String> lastLines = new ArrayDeque<>();
    private long knownChars;

    private WorkerProcess(Process process, Path directory, boolean compile, Listener listener) {
        this.process = process;
        this.directory = directory;
        this.listener = listener;
        this.mode = compile ? WorkerView.Mode.COMPILED : WorkerView.Mode.INTERPRETED;
    }

    static WorkerProcess start(WorkerCommand command, boolean compile, Listener listener) throws IOException {
        Path directory = Files.createTempDirectory("asyncjobs-worker-");
        try {
            return new WorkerProcess(command.start(directory, compile), directory, compile, listener);
        } catch (IOException e) {
            Files.deleteIfExists(directory);
            throw e;
        }
    }

    /** Begins to read and write; called once, after the pool has noted it. */
    void open() {
        String name = "worker-" + pid();
        Thread errors = daemon(name + "-err", this::readErrors);
        Thread writer = daemon(name + "-out", this::write);
        daemon(name + "-in", () -> read(errors, writer));
    }

    long pid() {
        return process.pid();
    }

    void send(Frame frame) {
        send(frame, NOTHING);
    }

    /** {@code gone} is run when the frame is held here no longer: it is in the pipe, or the worker has ended. */
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

    boolean isStandIn() {
        return state == WorkerView.State.CONDEMNED && standIn && !killed && alive();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** The beginning of a RUN frame: a source's text goes over once, then only its digest. */
    Frame.Builder runFrame(long id, ScriptSource source, boolean strict) {
        String key = strict ? source.sha256() : source.sha256() + SLOPPY;
        boolean known = knownSources.get(key) != null;
        if (!known) {
            forgetUntilRoomFor(source.text().length());
            knownSources.put(key, source.text().length());
            knownChars += source.text().length();
        }
        return Frame.of(FrameType.RUN, id)
                .put(key)
                .put(known ? null : source.text())
                .put(strict);
    }

    private void forgetUntilRoomFor(int chars) {
        Iterator<Map.Entry<String, Integer>> oldest = knownSources.entrySet().iterator();
        while (oldest.hasNext() && (knownSources.size() >= MAX_KNOWN_SOURCES || knownChars + chars > MAX_KNOWN_CHARS)) {
            Map.Entry<String, Integer> source = oldest.next();
            knownChars -= source.getValue();
            send(Frame.of(FrameType.FORGET, 0).put(source.getKey()).build());
            oldest.remove();
        }
    }

    /** The last it wrote to its standard error. */
    String lastWords() {
        synchronized (lastLines) {
            return String.join(" | ", lastLines);
        }
    }

    private void read(Thread errors, Thread writer) {
        try (DataInputStream in = Frame.input(process.getInputStream())) {
            for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
                listener.frame(this, frame);
            }
        } catch (MalformedFrameException e) {
            LOG.warnf("Worker %d does not keep to the protocol and is killed: %s", pid(), e.getMessage());
            killedBecause = "its worker process broke the protocol";
        } catch (IOException e) {
            LOG.debugf(e, "Worker %d is gone", pid());
        } catch (RuntimeException e) {
            LOG.errorf(e, "A frame of worker %d could not be handled; it is killed", pid());
        }
        // Its pipe is closed or not to be trusted: there is nothing more to be had of it
        kill();
        writer.interrupt();
        int status = awaitExit(errors);
        listener.exited(this, status);
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
