package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.UnavailableException;
import jakarta.inject.Singleton;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Lets one request at a time hold a whole environment in memory: two may be more than the heap of a node has room for. */
@Singleton
class Turns {

    private static final long WAIT_SECONDS = 20;

    private final Semaphore turn = new Semaphore(1, true);

    /** @throws UnavailableException where others take too long */
    <T> T take(Supplier<T> work) {
        boolean mine;
        try {
            mine = turn.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            mine = false;
        }
        if (!mine) {
            throw new UnavailableException(
                    "This node reads another manifest, or writes an export, for longer than %d s. Try again."
                            .formatted(WAIT_SECONDS));
        }
        try {
            return work.get();
        } finally {
            turn.release();
        }
    }
}
