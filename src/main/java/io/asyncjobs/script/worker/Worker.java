package io.asyncjobs.script.worker;

import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.SandboxPolicy;
import org.graalvm.polyglot.Source;
import org.jspecify.annotations.Nullable;

/**
 * The child process: reads frames from standard input, runs scripts, writes frames to standard output. Ends at once
 * when standard input does, which is how the death of the node, however sudden, reaches it.
 */
public final class Worker {

    /** Deep enough for honest recursion, small enough that a full set of slots costs little. */
    private static final long STACK_BYTES = 2L * 1024 * 1024;

    private static final int OUT_OF_MEMORY_STATUS = 3;

    private static final int LEAST_WARM_UPS = 6;
    private static final int MOST_WARM_UPS = 10;

    private final FrameWriter out;
    private final Engine engine;
    private final Source bootstrap;
    private final Platform platform = new Platform();
    private final Map<Long, Task> tasks = new ConcurrentHashMap<>();
    /** Kept by the reading thread alone; the node says when to forget one. */
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();

    private final StepThreads steps = new StepThreads(Runtime.getRuntime().availableProcessors(), STACK_BYTES);
    /** Where runs are stopped, which may take for ever. */
    private final ThreadPoolExecutor stopping;

    private final ScheduledThreadPoolExecutor clock;
    private final MemoryWatch memory = new MemoryWatch(tasks.values(), this::releaseCode, this::sick);

    private Worker(OutputStream pipe) throws IOException {
        out = new FrameWriter(pipe);
        engine = Engine.newBuilder("js")
                .sandbox(SandboxPolicy.CONSTRAINED)
                .in(InputStream.nullInputStream())
                .out(OutputStream.nullOutputStream())
                .err(OutputStream.nullOutputStream())
                .build();
        bootstrap = Source.newBuilder("js", resource("bootstrap.js"), "bootstrap")
                .internal(true)
                .build();
        stopping = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                30,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> daemon(task, "stopping", STACK_BYTES));
        clock = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "clock", 0));
        clock.setRemoveOnCancelPolicy(true);
    }

    public static void main(String[] arguments) throws IOException {
        InputStream in = new FileInputStream(FileDescriptor.in);
        OutputStream pipe = new FileOutputStream(FileDescriptor.out);
        // Frames only: whatever else prints goes to the node's log
        System.setIn(InputStream.nullInputStream());
        System.setOut(System.err);
        // A run that finds no memory ends by itself; where anything else does, nothing here can be relied on
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            if (e instanceof OutOfMemoryError) {
                try {
                    System.err.println(thread.getName() + ": out of memory");
                } finally {
                    Runtime.getRuntime().halt(OUT_OF_MEMORY_STATUS);
                }
            }
            System.err.println(thread.getName() + ": " + e);
        });
        new Worker(pipe).serve(Frame.input(in));
    }

    private void serve(DataInputStream in) {
        daemon(out, "frames-out", 0).start();
        steps.start();
        daemon(this::warm, "warm-up", STACK_BYTES).start();
        Thread watch = daemon(memory, "memory-watch", 0);
        watch.setPriority(Thread.MAX_PRIORITY);
        watch.start();
        int status = 0;
        try {
            for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
                handle(frame);
            }
        } catch (MalformedFrameException e) {
            report("reading a frame", e);
            status = 2;
        } catch (IOException e) {
            // The node is gone, or going
            status = 0;
        }
        // Not exit: no script may hold up the end
        Runtime.getRuntime().halt(status);
    }

    private void handle(Frame frame) throws IOException {
        switch (ToWorker.read(frame)) {
            case ToWorker.Run run -> run(run);
            case ToWorker.Check(long id, List<String> texts) -> {
                CheckTask check = new CheckTask(id, this, texts);
                tasks.put(id, check);
                check.post(check::check);
            }
            case ToWorker.Cancel(long id) -> {
                Task task = tasks.get(id);
                if (task != null) {
                    write(new FromWorker.Stopping(id));
                    var unused = stopping.submit(() -> carefully(task::cancel));
                }
            }
            case ToWorker.Reply(long id, int call, boolean succeeded, @Nullable String text) -> {
                if (tasks.get(id) instanceof RunTask run) {
                    run.post(() -> run.reply(call, succeeded, text, frame.isAcknowledged()));
                }
            }
            case ToWorker.Grant(long id, int call) -> {
                if (tasks.get(id) instanceof RunTask run) {
                    run.post(() -> run.granted(call));
                }
            }
            case ToWorker.Forget(String key) -> scripts.remove(key);
        }
    }

    private void run(ToWorker.Run message) throws MalformedFrameException {
        String source = message.source();
        if (source != null) {
            scripts.put(message.key(), new Script(source, message.strict()));
        }
        Script script = scripts.get(message.key());
        if (script == null) {
            throw new MalformedFrameException("a run of an unknown script");
        }
        RunTask run = new RunTask(message.task(), this, script, message.input());
        tasks.put(message.task(), run);
        run.post(run::start);
    }

    /** Stops a task from another thread, so also one that never ends a step. */
    Future<?> stopSoon(Task task, Supplier<FromWorker> last) {
        return stopping.submit(() -> carefully(() -> task.stop(last)));
    }

    /** Tells the node that this process is not to be trusted any more: its heap is full, or was. */
    void sick(String why) {
        out.writeUninterruptibly(new FromWorker.Sick(why).frame());
    }

    /** Lets go of the code of large scripts that do not run now. Returns whether there was some. */
    private boolean releaseCode() {
        Set<Script> running =
                tasks.values().stream().flatMap(task -> task.script().stream()).collect(Collectors.toSet());
        boolean released = false;
        for (Script script : scripts.values()) {
            if (script.isLarge() && !running.contains(script)) {
                released |= script.release();
            }
        }
        return released;
    }

    /** What all runs together may hold. */
    long memoryLimit() {
        return memory.limitBytes();
    }

    private void carefully(Runnable stop) {
        try {
            stop.run();
        } catch (RuntimeException e) {
            // No word to the node, which then condemns this worker
            report("stopping a run", e);
        }
    }

    /**
     * Runs what every run needs once, so that no run pays for class loading. Each of these scripts is another: the place
     * that calls them would keep the code of the first four it has called, for good, until it has seen more.
     */
    private void warm() {
        String source = "const s = JSON.stringify([...new Map(Object.entries({a: 1})).keys()].map(k => ({k})));\n"
                + "await null; return s.replace(/a/g, 'b');";
        long deadline = System.nanoTime() + 1_000_000_000L;
        for (int i = 0; i < MOST_WARM_UPS && (i < LEAST_WARM_UPS || System.nanoTime() < deadline); i++) {
            RunTask run = new RunTask(
                    -1,
                    this,
                    new Script("// " + i + "\n" + source, true),
                    new RunInput("{\"a\":[1]}", "{\"job\":{}}", 0, 1024, 0, 0, 0));
            run.runHere(run::start);
        }
        boolean compiled = !"Interpreted".equals(engine.getImplementationName());
        write(new FromWorker.Ready(compiled, engine.getVersion()));
    }

    void execute(Runnable task) {
        steps.execute(task);
    }

    Future<?> after(long nanos, Runnable task) {
        return clock.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** Drops what warm-up says. */
    void send(FromWorker message) {
        if (message.task() >= 0) {
            write(message);
        }
    }

    /** Like {@link #send}, also from a thread that was interrupted to stop it; not from within a script. */
    void sendLast(FromWorker message) {
        if (message.task() >= 0) {
            out.writeUninterruptibly(message.frame());
        }
    }

    private void write(FromWorker message) {
        out.write(message.frame());
    }

    void forget(Task task) {
        tasks.remove(task.id, task);
    }

    Source bootstrap() {
        return bootstrap;
    }

    Platform platform() {
        return platform;
    }

    Context newContext() {
        return contextBuilder().engine(engine).build();
    }

    /** A context with an engine of its own, which keeps nothing of it once it is closed. */
    Context newContextAlone() {
        return contextBuilder()
                .in(InputStream.nullInputStream())
                .out(OutputStream.nullOutputStream())
                .err(OutputStream.nullOutputStream())
                .build();
    }

    private static Context.Builder contextBuilder() {
        return Context.newBuilder("js")
                .sandbox(SandboxPolicy.CONSTRAINED)
                .allowExperimentalOptions(true)
                .option("js.unhandled-rejections", "handler")
                .option("js.print", "false")
                .option("js.load", "false")
                .option("js.console", "false");
    }

    void report(String during, Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        System.err.println(during + ": " + e + (trace.length == 0 ? "" : " at " + trace[0]));
    }

    private static String resource(String name) throws IOException {
        try (@Nullable InputStream in = Worker.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Thread daemon(Runnable task, String name, long stackBytes) {
        Thread thread = new Thread(null, task, name, stackBytes);
        thread.setDaemon(true);
        return thread;
    }
}
