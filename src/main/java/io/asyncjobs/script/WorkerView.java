package io.asyncjobs.script;

import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** One worker process as an operator sees it. */
@Schema(name = "Worker", description = "A process of a node in which scripts run")
public record WorkerView(long pid, Mode mode, State state, int inFlight, Instant startedAt) {

    /** Whether scripts are compiled to machine code. */
    @Schema(name = "WorkerMode", description = "Whether scripts are compiled to machine code")
    public enum Mode {
        COMPILED,
        INTERPRETED
    }

    /** Where it stands; a condemned one takes no new run once another is ready, and ends when the last of its runs does. */
    @Schema(
            name = "WorkerState",
            description = "Where a worker stands; a condemned one is being replaced and ends with its last run")
    public enum State {
        STARTING,
        READY,
        CONDEMNED
    }

    public boolean condemned() {
        return state == State.CONDEMNED;
    }
}
