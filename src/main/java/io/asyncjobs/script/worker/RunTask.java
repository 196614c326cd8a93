package io.asyncjobs.script.worker;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.jspecify.annotations.Nullable;

/**
 * One run of one script in a context of its own.
 */
final class RunTask extends Task {

    /** Calls and sleeps that may wait at once. */
    private static final int MAX_PENDING = 1_000;
    /** What one host call may carry. */
    private static final int MAX_ARGUMENT_CHARS = 4 * 1024 * 1024;

    /** How long a run that is to be stopped may take to say where it waits. */
    private static final long PLACE_MILLIS = 40;

    private final Script script;
    private final RunInput input;
    private final long startedNanoTime = System.nanoTime();
    private final Map<Integer, Timer> timers = new ConcurrentHashMap<>();
    private final CallQueue calls;

    // Touched only by the thread that handles an event
    private @Nullable Value settle;
    private @Nullable Value wake;
    private @Nullable Value where;
    private long logBytes;
    private volatile boolean logTruncated;
    private int hostCalls;
    private @Nullable Ending ending;
    private @Nullable String result;
    private @Nullable Failure failure;
    private volatile @Nullable Failure waitedAt;

    /** @param quiet whether a run that ends before it says nothing of it */
    private record Timer(Future<?> future, boolean quiet) {}

    RunTask(long id, Worker worker, Script script, RunInput input) {
        super(id, worker);
        this.script = script;
        this.input = input;
        this.calls = new CallQueue(id, input, worker::send);
    }

    void start() {
        Context context = context();
        List<Script.Problem> problems = script.problems(context);
        if (!problems.isEmpty()) {
            Script.Problem problem = problems.getFirst();
            finish(
                    Ending.FAILED,
                    null,
                    new Failure("SyntaxError: " + problem.message(), problem.line(), problem.column(), null));
            return;
        }
        String names = script.platformNames();
        Value driver = context.eval(worker.bootstrap())
                .execute(
                        (ProxyExecutable) arguments -> log(
                                arguments[0].asInt(),
                                arguments[1].asString(),
                                arguments[2].isNull() ? null : arguments[2].asString()),
                        (ProxyExecutable) arguments -> call(
                                arguments[0].asInt(), arguments[1].asString(), arguments[2].asString(), arguments[3]),
                        (ProxyExecutable) arguments ->
                                timer(arguments[0].asInt(), arguments[1].asDouble(), arguments[2].asBoolean()),
                        (ProxyExecutable) arguments -> succeed(arguments[0].asString(), arguments[1].asString()),
                        (ProxyExecutable) arguments -> fail(arguments),
                        (ProxyExecutable) arguments -> failUnhandled(arguments),
                        (ProxyExecutable) arguments -> describe(arguments[0]),
                        (ProxyExecutable) arguments -> Failure.trace(arguments[0], arguments[1].asString(), script),
                        (ProxyExecutable) arguments -> numbers(arguments[0].asString(), arguments[1].asString()),
                        (ProxyExecutable) arguments -> Recoding.recode(
                                arguments[0].asString(), arguments[1].asString(), arguments[2].asString()),
                        names == null ? null : new PlatformCalls(context, worker.platform(), startedNanoTime),
                        names,
                        input.parametersJson(),
                        input.contextJson(),
                        MAX_PENDING);
        settle = driver.getMember("settle");
        wake = driver.getMember("wake");
        where = driver.getMember("where");
        Value start = driver.getMember("start");
        start.executeVoid(script.function(context));
    }

    /** The node's answer to a host call. */
    void reply(int call, boolean succeeded, @Nullable String text, boolean acknowledged) {
        calls.answered(call);
        if (settle != null) {
            settle.executeVoid(call, succeeded, text);
        }
        if (acknowledged) {
            worker.send(new FromWorker.Taken(id, call));
        }
    }

    // ---- What the bootstrap calls; none of these may throw what a script could learn from ----

    /** Whether the log takes more. */
    private Object log(int level, String text, @Nullable String data) {
        if (logTruncated) {
            return false;
        }
        long left = input.logBytes() - logBytes;
        long used = Math.max(FromWorker.Log.LEAST_BYTES, Utf8.length(text) + (data == null ? 0 : Utf8.length(data)));
        if (used <= left) {
            logBytes += used;
            sendLog(level, text, data, false);
            return true;
        }
        logTruncated = true;
        logBytes = input.logBytes();
        String start = Utf8.prefix(text, left);
        if (!start.isEmpty()) {
            sendLog(level, start, null, false);
        }
        sendLog(2, "The log ends here: its limit of " + input.logBytes() + " bytes is used up", null, true);
        return false;
    }

    private void sendLog(int level, String text, @Nullable String data, boolean notice) {
        worker.send(new FromWorker.Log(id, (byte) level, text, data, System.nanoTime() - startedNanoTime, notice));
    }

    /** Why the call was refused, or {@code null} when it is on its way. */
    private @Nullable Object call(int call, String function, String argumentsJson, Value from) {
        if (ending == Ending.FAILED) {
            return "The run has failed and makes no more calls";
        }
        if (argumentsJson.length() > MAX_ARGUMENT_CHARS) {
            return "The arguments of " + function + " are larger than " + MAX_ARGUMENT_CHARS + " characters";
        }
        if (++hostCalls > input.hostCalls()) {
            endFor(
                    Ending.LIMIT_EXCEEDED,
                    calledFrom(
                            from,
                            "Limit of " + input.hostCalls() + " host calls passed: this was number " + hostCalls));
            return "Limit of " + input.hostCalls() + " host calls passed";
        }
        String limit = calls.add(call, function, argumentsJson);
        if (limit != null) {
            endFor(Ending.LIMIT_EXCEEDED, calledFrom(from, limit));
        }
        return limit;
    }

    /** @param from an error that was made where the script called */
    private Failure calledFrom(Value from, String message) {
        PolyglotException error = Failure.exception(from);
        return error == null ? Failure.of(message) : Failure.of(error, script).saying(message);
    }

    /** @param how {@code own}, {@code foreign} or {@code text} */
    private static @Nullable Object numbers(String json, String how) {
        return how.equals("text") ? ExactNumbers.asText(json) : ExactNumbers.problem(json, how.equals("own"));
    }

    /** The node has room for the call it was asked about, which is the next one. */
    void granted(int call) {
        calls.granted(call);
    }

    /** @param millis below 0 to stop it */
    private @Nullable Object timer(int timer, double millis, boolean quiet) {
        if (millis < 0) {
            Timer stopped = timers.remove(timer);
            if (stopped != null) {
                stopped.future.cancel(false);
            }
            return null;
        }
        // It is handled after this step, so it finds itself
        Future<?> future = worker.after(
                (long) Math.min(millis * 1e6, 86_400e9),
                () -> post(() -> {
                    if (timers.remove(timer) != null && wake != null) {
                        wake.executeVoid(timer);
                    }
                }));
        timers.put(timer, new Timer(future, quiet));
        return null;
    }

    private @Nullable Object succeed(String json, String place) {
        if (ending == null) {
            long bytes = Utf8.length(json);
            if (bytes > input.resultBytes()) {
                ending = Ending.LIMIT_EXCEEDED;
                failure = Failure.at(
                        "Limit of " + input.resultBytes() + " bytes for the result passed: it has " + bytes, place);
            } else {
                ending = Ending.SUCCEEDED;
                result = json;
            }
        }
        return null;
    }

    /** @param said the reason, its message, its classes, the errors behind it, its place */
    private @Nullable Object fail(Value[] said) {
        if (ending == null) {
            PolyglotException error = Failure.exception(said[0]);
            if (error != null && isOutOfMemory(error)) {
                endFor(Ending.OUT_OF_MEMORY, memoryFailure(worker.memoryLimit()));
                return null;
            }
            ending = Ending.FAILED;
            failure = Failure.of(said[0], said[1].asString(), said[2].asString(), said[3], said[4].asString(), script);
        }
        return null;
    }

    /**
     * Whether the run ends for it: nobody else would ever hear of it, also where the script has returned.
     *
     * @param said as for {@link #fail}, then how it came to nobody
     */
    private Object failUnhandled(Value[] said) {
        if (ending != null && ending != Ending.SUCCEEDED) {
            return false;
        }
        ending = null;
        result = null;
        fail(said);
        if (ending == Ending.FAILED && failure != null) {
            failure = failure.saying(failure.message() + " (" + said[5].asString() + ")");
        }
        return true;
    }

    private @Nullable Object describe(Value value) {
        PolyglotException error = Failure.exception(value);
        return error == null ? null : Failure.cut(String.valueOf(error.getMessage()));
    }

    // ---- Ends ----

    /** However the script takes it, that is how the run ends; it is stopped in case it goes on for ever. */
    private void endFor(Ending limit, Failure why) {
        ending = limit;
        result = null;
        failure = why;
        FromWorker last = ended(limit, null, why);
        var unused = worker.stopSoon(this, () -> last);
    }

    @Override
    Optional<Script> script() {
        return Optional.of(script);
    }

    @Override
    void handled() {
        if (ending == null) {
            if (calls.underWay() == 0 && timers.isEmpty()) {
                finish(
                        Ending.FAILED,
                        null,
                        Failure.of(
                                "The script awaits something that can never happen: no call and no sleep is under way"));
            }
        } else if (calls.underWay() == 0) {
            // What the script started without awaiting it is carried out before the run ends
            long left = timers.values().stream().filter(timer -> !timer.quiet).count();
            if (ending == Ending.SUCCEEDED && left > 0) {
                log(
                        2,
                        "The script returned while it still slept (sleeps and timers: " + left
                                + "); what comes after them was not run",
                        null);
            }
            finish(ending, result, failure);
        }
    }

    @Override
    void failed(Throwable e) {
        Failure what;
        if (isOutOfMemory(e)) {
            end(outOfMemory(worker.memoryLimit()));
            worker.sick("a run found no memory");
            return;
        }
        if (e instanceof StackOverflowError) {
            what = Failure.of("RangeError: Maximum call stack size exceeded");
        } else if (e instanceof PolyglotException error && (error.isResourceExhausted() || error.isGuestException())) {
            what = Failure.of(error, script);
        } else {
            worker.report("a run", e);
            what = Failure.of("The script engine failed");
        }
        finish(Ending.FAILED, null, what);
    }

    @Override
    FromWorker outOfMemory(long limitBytes) {
        PolyglotException cutOff = cutOff();
        String message = memoryFailure(limitBytes).message();
        return ended(
                Ending.OUT_OF_MEMORY,
                null,
                cutOff == null
                        ? Failure.of(message)
                        : Failure.of(cutOff, script).saying(message));
    }

    private Failure memoryFailure(long limitBytes) {
        return Failure.of(
                "Limit of %d MiB memory passed: the runs of this worker process hold more together, and this one"
                                .formatted(limitBytes >> 20)
                        + " allocated most, %d MiB so far"
                                .formatted(allocations().bytes() >> 20));
    }

    /** Where a script that waits began what it waits for is asked before; one that is at work does not answer. */
    @Override
    void cancel() {
        CountDownLatch asked = new CountDownLatch(1);
        post(() -> {
            Value begun = where == null ? null : where.execute();
            PolyglotException error = begun == null ? null : Failure.exception(begun);
            waitedAt = error == null ? null : Failure.of(error, script);
            asked.countDown();
        });
        try {
            var unused = asked.await(PLACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        super.cancel();
    }

    @Override
    FromWorker stopped() {
        PolyglotException cutOff = cutOff();
        Failure place = cutOff != null ? Failure.of(cutOff, script) : waitedAt;
        return ended(Ending.STOPPED, null, place);
    }

    @Override
    void release() {
        timers.values().forEach(timer -> timer.future.cancel(false));
        timers.clear();
    }

    private void finish(Ending how, @Nullable String json, @Nullable Failure why) {
        end(ended(how, json, why));
    }

    private FromWorker ended(Ending how, @Nullable String json, @Nullable Failure why) {
        return new FromWorker.Ended(
                id,
                how,
                logTruncated,
                json,
                why == null ? null : new FromWorker.Error(why.message(), why.line(), why.column(), why.stack()));
    }
}
