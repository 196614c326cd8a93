package io.asyncjobs.script;

import java.util.concurrent.CompletionStage;

/** A run in flight. */
public interface ScriptRun {

    /** Completes exactly once, never exceptionally, on a thread that other runs wait for: what takes long belongs on another. */
    CompletionStage<ScriptOutcome> completion();

    /** Asks for its end; the outcome is {@code CANCELLED} with this reason, within moments, whatever the script does. */
    void cancel(String reason);
}
