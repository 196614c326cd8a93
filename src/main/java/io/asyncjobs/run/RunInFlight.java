package io.asyncjobs.run;

import io.asyncjobs.job.JobSnapshot;
import io.asyncjobs.run.host.RunHost;
import io.asyncjobs.run.host.RunLog;
import io.asyncjobs.schedule.Claim;
import io.asyncjobs.script.ScriptRun;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A claimed run on this node, from its launch until its end is on record. Thread-safe. */
public final class RunInFlight {

    private final Claim claim;
    private final @Nullable String parameters;
    private final RunLog log = new RunLog();
    private @Nullable ScriptRun script;
    private @Nullable String cancelled;
    private @Nullable RunHost host;

    RunInFlight(Claim claim, @Nullable String parameters) {
        this.claim = claim;
        this.parameters = parameters;
    }

    Claim claim() {
        return claim;
    }

    /** What the run needs of its revision, with the parameters that are its own. */
    JobSnapshot withOwnParameters(JobSnapshot job) {
        return parameters == null ? job : job.withParameters(parameters);
    }

    RunLog log() {
        return log;
    }

    /** What carries out the script's calls; empty before the run has been given to a worker. */
    synchronized Optional<RunHost> host() {
        return Optional.ofNullable(host);
    }

    synchronized void begin(RunHost begun) {
        host = begun;
    }

    synchronized void running(ScriptRun started) {
        script = started;
        if (cancelled != null) {
            started.cancel(cancelled);
        }
    }

    /** Asks the script to end; one that has not begun ends as soon as it does. The first reason stays. */
    public synchronized void cancel(String reason) {
        if (cancelled == null) {
            cancelled = reason;
            if (script != null) {
                script.cancel(reason);
            }
        }
    }
}
