package io.asyncjobs.script;

import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.script.worker.Frame;
import io.asyncjobs.script.worker.FromWorker;
import io.asyncjobs.script.worker.ToWorker;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The host calls of one worker's runs. What a call and its reply hold here counts against the run's and the node's memory
 * until it is gone. Thread-safe.
 */
final class HostCalls {

    private static final Logger LOG = Logger.getLogger(HostCalls.class);

    /** Memory for a byte of a call's arguments while it is read: its frame, its text, and what is parsed of that. */
    private static final int READ_WEIGHT = 6;
    /** Memory for it from then on until the call is answered. */
    private static final int KEPT_WEIGHT = 2;
    /** Memory for a character of a reply while it becomes a frame. */
    private static final int REPLY_WEIGHT = 3;

    private final ScriptPool pool;
    private final WorkerProcess process;

    HostCalls(ScriptPool pool, WorkerProcess process) {
        this.pool = pool;
        this.process = process;
    }

    /** A large call waits in the worker until there is memory for it here; nothing of it is read before. */
    void ask(PoolTask.Run run, FromWorker.Ask ask) {
        long bytes = Math.clamp(ask.bytes(), 0, Frame.MAX_BYTES) * READ_WEIGHT;
        ByteBudget.Hold memory = run.hold();
        run.grant(ask.call(), memory);
        Frame grant = new ToWorker.Grant(run.id(), ask.call()).frame();
        if (memory.tryTake(bytes)) {
            process.send(grant);
            return;
        }
        PoolThreads threads = pool.threads();
        if (threads != null) {
            threads.executor().execute(() -> {
                try {
                    if (memory.take(bytes, run.deadlineNanoTime())) {
                        process.send(grant);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /** @param bytes of the call's frame */
    void call(PoolTask.Run run, FromWorker.Call call, int bytes) {
        ByteBudget.Hold granted = run.takeGranted(call.call());
        ByteBudget.Hold memory = granted != null ? granted : run.hold();
        PoolThreads threads = pool.threads();
        if (threads == null) {
            memory.close();
            return;
        }
        if (granted == null) {
            memory.count((long) READ_WEIGHT * bytes);
        }
        long read = (long) (READ_WEIGHT - KEPT_WEIGHT) * bytes;
        run.inOrder(threads.executor(), () -> carryOut(run, call, memory, read));
    }

    private void carryOut(PoolTask.Run run, FromWorker.Call call, ByteBudget.Hold memory, long read) {
        if (run.isAnswered()) {
            memory.close();
            return;
        }
        try {
            CompletionStage<@Nullable String> answered = run.call(call.function(), call.argumentsJson(), memory);
            memory.giveBack(read);
            answered.whenComplete((answer, failure) -> {
                if (failure == null) {
                    reply(run, call, true, answer, memory);
                } else {
                    refuse(run, call, failure, memory);
                }
            });
        } catch (RuntimeException | Error e) {
            refuse(run, call, e, memory);
        }
    }

    private void refuse(PoolTask.Run run, FromWorker.Call call, Throwable failure, ByteBudget.Hold memory) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof HostLimitException) {
            pool.stop(run, new PoolTask.Stop(ScriptOutcome.Kind.LIMIT_EXCEEDED, String.valueOf(cause.getMessage())));
        }
        reply(run, call, false, message(call.function(), cause), memory);
    }

    private static String message(String function, Throwable cause) {
        if (cause instanceof HostCallException refused && refused.getMessage() != null) {
            return refused.toWorker();
        }
        if (cause instanceof HostLimitException && cause.getMessage() != null) {
            return cause.getMessage();
        }
        UUID id = UUID.randomUUID();
        LOG.errorf(cause, "%s failed for a script, id %s", function, id);
        return function + " failed inside the service (id " + id + ")";
    }

    private void reply(
            PoolTask.Run run, FromWorker.Call call, boolean succeeded, @Nullable String text, ByteBudget.Hold memory) {
        if (run.isAnswered() || !hasRoom(run, text, memory)) {
            memory.close();
            return;
        }
        Frame frame = isTooLarge(text)
                ? new ToWorker.Reply(
                                run.id(),
                                call.call(),
                                false,
                                "The answer is larger than " + Frame.MAX_BYTES / 2 + " bytes")
                        .frame()
                : new ToWorker.Reply(run.id(), call.call(), succeeded, text).frame();
        memory.shrinkTo(frame.size());
        // A large one is held until the script has it: the worker reads faster than scripts do, and they share its heap
        boolean acknowledged = frame.isAcknowledged();
        if (acknowledged) {
            run.deliver(call.call(), memory);
        }
        if (!pool.sendTo(run, process, frame, acknowledged ? () -> {} : memory::close)) {
            memory.close();
        }
    }

    /** Waits for memory while the answer is held, so that many answers that no worker has read wait for each other. */
    private static boolean hasRoom(PoolTask.Run run, @Nullable String text, ByteBudget.Hold memory) {
        try {
            return text == null || memory.take((long) REPLY_WEIGHT * text.length(), run.deadlineNanoTime());
        } catch (InterruptedException e) {
            // The run ends, or the service does: nobody waits for the answer
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean isTooLarge(@Nullable String text) {
        return text != null
                && text.length() > Frame.MAX_BYTES / 6
                && text.getBytes(StandardCharsets.UTF_8).length > Frame.MAX_BYTES / 2;
    }
}
