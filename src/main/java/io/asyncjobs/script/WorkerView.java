package io.asyncjobs.script;

import java.time.Instant;

/** One worker process as an operator sees it. */
public record WorkerView(long pid, Mode mode, State state, int inFlight, Instant startedAt) {

    /** Whether scripts are compiled to machine code. */
    public enum Mode {
        COMPILED,
        INTERPRETED
    }

    /** Where it stands; a condemned one takes no new run and ends when the last of its runs does. */
    public enum State {
        STARTING,
        READY,
        CONDEMNED
    }

    public boolean condemned() {
        return state == State.CONDEMNED;
    }
}
