package io.asyncjobs.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.SandboxPolicy;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;

/**
 * What a script costs where nothing is around it: one engine, a fresh context each time, the script called and its result
 * taken as JSON. Runs in a JVM like a worker's.
 *
 * <p>Arguments: threads, seconds to warm up, seconds to measure. The script comes by standard input; what is printed is
 * the number of runs that were measured.
 */
public final class BareLoop {

    private BareLoop() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int threads = Integer.parseInt(arguments[0]);
        long warmUp = Long.parseLong(arguments[1]) * 1_000_000_000L;
        long measured = Long.parseLong(arguments[2]) * 1_000_000_000L;
        String script = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        Source source = Source.newBuilder(
                        "js",
                        "(params, done) => (async function script() {" + script
                                + "\n})().then(r => done(JSON.stringify(r) ?? 'null'))",
                        "script")
                .buildLiteral();
        try (Engine engine = Engine.newBuilder("js")
                .sandbox(SandboxPolicy.CONSTRAINED)
                .in(InputStream.nullInputStream())
                .out(OutputStream.nullOutputStream())
                .err(OutputStream.nullOutputStream())
                .build()) {
            run(engine, source, threads, warmUp);
            // The process' own processor time from here on is what counts
            System.out.println("warm");
            System.out.flush();
            System.out.println(run(engine, source, threads, measured));
        }
    }

    private static long run(Engine engine, Source source, int threads, long nanos) throws InterruptedException {
        AtomicLong runs = new AtomicLong();
        long end = System.nanoTime() + nanos;
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] = Thread.ofPlatform().start(() -> {
                while (System.nanoTime() < end) {
                    once(engine, source);
                    runs.incrementAndGet();
                }
            });
        }
        for (Thread worker : workers) {
            worker.join();
        }
        return runs.get();
    }

    private static void once(Engine engine, Source source) {
        String[] result = new String[1];
        try (Context context = Context.newBuilder("js")
                .engine(engine)
                .sandbox(SandboxPolicy.CONSTRAINED)
                .build()) {
            Value function = context.eval(source);
            function.executeVoid(context.eval("js", "({})"), (ProxyExecutable) done -> {
                result[0] = done[0].asString();
                return null;
            });
        }
        if (result[0] == null) {
            throw new IllegalStateException("The script gave no result");
        }
    }
}
