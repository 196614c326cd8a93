package io.asyncjobs.run;

import io.asyncjobs.schedule.Claim;
import io.asyncjobs.script.ScriptRun;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A claimed run on this node, from its launch until its end is on record. Thread-safe. */
final class RunInFlight {

    private final Claim claim;
    private final RunLog log = new RunLog();
    private final AtomicReference<@Nullable ScriptRun> script = new AtomicReference<>();
    private volatile @Nullable RunState state;

    RunInFlight(Claim claim) {
        this.claim = claim;
    }

    Claim claim() {
        return claim;
    }

    RunLog log() {
        return log;
    }

    /** The job's state as this run sees it; empty before the run has been given to a worker. */
    Optional<RunState> state() {
        return Optional.ofNullable(state);
    }

    void begin(RunState begun) {
        state = begun;
    }

    void running(ScriptRun started) {
        script.set(started);
    }

    /** Asks the script to end; does nothing where none runs. */
    void cancel(String reason) {
        ScriptRun running = script.get();
        if (running != null) {
            running.cancel(reason);
        }
    }
}
