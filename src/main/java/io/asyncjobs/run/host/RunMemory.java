package io.asyncjobs.run.host;

import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.script.HostLimitException;
import java.time.Duration;

/**
 * What one run holds in this node: what is noted of it until its end is on record (effects, audit records, state, log,
 * result), and what its calls hold while they are carried out. Everything is counted before it is kept. Thread-safe.
 *
 * <p>Past the run's own limit a note ends the run. Where the node has no room, it waits for other runs to end.
 */
public final class RunMemory implements AutoCloseable {

    /** A character takes two bytes at most. */
    public static final int BYTES_OF_A_CHAR = 2;

    private final long limit;
    private final Duration time;
    private final ByteBudget.Hold noted;
    private final ByteBudget.Share calls;

    RunMemory(long limit, Duration time, ByteBudget.Hold noted, ByteBudget.Share calls) {
        this.limit = limit;
        this.time = time;
        this.noted = noted;
        this.calls = calls;
    }

    /** For what is no run. */
    public static RunMemory unlimited() {
        ByteBudget.Share share = ByteBudget.unlimited();
        return new RunMemory(Long.MAX_VALUE / 2, Duration.ZERO, share.hold(), share);
    }

    /** What the run's calls may hold while they are carried out. */
    ByteBudget.Share calls() {
        return calls;
    }

    /**
     * Makes room for what is to be kept until the run's end is on record.
     *
     * @param what a noun for the message: {@code an audit record}
     * @throws HostLimitException when the run would pass its limit, or the node has no room while the run may go on
     */
    void note(String what, long bytes) {
        long would = noted.total() + bytes;
        if (would > limit) {
            throw new HostLimitException(
                    "Limit of %d bytes for effects, audit records, state and log of a run passed: with %s they have %d"
                            .formatted(limit, what, would));
        }
        try {
            if (noted.take(bytes, System.nanoTime() + time.toNanos())) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new HostLimitException(
                "The node had no room for %s of %d bytes while the run went on: other runs hold all that effects, audit"
                                .formatted(what, bytes)
                        + " records, state and log may have (ASYNCJOBS_SCRIPT_HOST_MEMORY)");
    }

    /** Counts what has a limit of its own. */
    public void count(long bytes) {
        noted.count(bytes);
    }

    void forget(long bytes) {
        noted.giveBack(bytes);
    }

    /** What is noted now. */
    public long notedBytes() {
        return noted.total();
    }

    /** The run is on record, or nobody wants its record. */
    @Override
    public void close() {
        noted.close();
    }
}
