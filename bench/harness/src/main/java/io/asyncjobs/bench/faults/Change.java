package io.asyncjobs.bench.faults;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A change asked for over the API.
 *
 * @param sentAt nanoseconds since the harness began
 * @param status 0 where there was no answer
 * @param reason no other change has it, so it finds its audit event
 * @param run the run that the answer names
 */
record Change(
        long sentAt,
        long answeredAt,
        String action,
        String job,
        String reason,
        int status,
        @Nullable UUID run) {

    boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    boolean isRefusal() {
        return status >= 400 && status < 500;
    }
}
