package io.asyncjobs.bench.faults;

import java.util.UUID;

/**
 * What a script told the recorder.
 *
 * @param at nanoseconds since the harness began, by its own monotonic clock
 * @param effect whether it was told by a call that changes something
 * @param value what the run read from the job's state, or -1
 */
record Report(long at, String job, UUID run, What what, boolean effect, long value) {

    enum What {
        START,
        BEAT,
        END
    }
}
