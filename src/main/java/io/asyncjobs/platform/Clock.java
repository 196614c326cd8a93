package io.asyncjobs.platform;

import java.time.Instant;

/** The clocks of a node. A simulation brings its own. */
public interface Clock {

    /** The present moment. */
    Moment moment();

    /** The database said so of its time; the question was sent and the answer received at these {@link System#nanoTime}s. */
    void observe(Instant answered, long sent, long received);

    /** Nanoseconds since some instant; unlike {@link System#nanoTime} they go on while the machine sleeps. */
    long elapsedNanos();

    /** The database's time now. */
    default Instant now() {
        return moment().at();
    }
}
