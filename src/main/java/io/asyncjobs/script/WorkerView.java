package io.asyncjobs.script;

import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** One worker process as an operator sees it. */
@Schema(name = "Worker", description = "A process of a node in which scripts run")
public record WorkerView(long pid, Mode mode, State state, boolean warming, int inFlight, Instant startedAt) {

    /** Whether scripts are compiled to machine code. */
    @Schema(name = "WorkerMode", description = "Whether scripts are compiled to machine code")
    public enum Mode {
        COMPILED,
        INTERPRETED
    }

    /**
     * Where it stands. A condemned one takes no new run once another is ready; a retiring one takes none. Both end when the
     * last of their runs does.
     */
    @Schema(
            name = "WorkerState",
            description =
                    "Where a worker stands. A condemned one is harmed and is being replaced; a retiring one gives way"
                            + " to one of another mode. Both end with their last run.")
    public enum State {
        STARTING,
        READY,
        RETIRING,
        CONDEMNED
    }

    public boolean condemned() {
        return state == State.CONDEMNED;
    }
}
