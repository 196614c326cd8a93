package io.asyncjobs.script;

import io.asyncjobs.platform.memory.ByteBudget;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What one run may ask of the node. One instance a run; called only while the run is in flight. */
public interface HostFunctions {

    /** Takes a line of the log. Called in order, one at a time, on a thread that other runs wait for: must not block. */
    void log(LogLine line);

    /**
     * Carries out a call of the script, for example {@code state.get} with {@code ["since"]}. Calls of one run come in
     * the script's order, one at a time, on a virtual thread, so this may block; what should overlap with the run's
     * next call answers with a stage that completes later. A call may still arrive while the run's end is being told.
     *
     * @param argumentsJson a JSON array
     * @param memory what the call holds in this process. It holds the arguments; the answer is counted before it is
     *     read. The caller closes it when the answer has gone to the worker
     * @return the answer as JSON, {@code null} for JavaScript's {@code null}. A {@link HostCallException} becomes the
     *     script's Error with that message and its fields, a {@link HostLimitException} ends the run; anything else becomes a general
     *     message, with an id under which the node logs it
     */
    CompletionStage<@Nullable String> call(String function, String argumentsJson, ByteBudget.Hold memory);

    /** What all calls of the run together may hold while they are carried out. */
    default ByteBudget.Share memory() {
        return ByteBudget.unlimited();
    }
}
