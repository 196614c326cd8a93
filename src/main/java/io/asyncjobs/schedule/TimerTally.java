package io.asyncjobs.schedule;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;

/**
 * Timers told by a few numbers, so that memory and tables can be compared without reading all of them.
 *
 * @param count how many
 * @param sum of what tells one configuration of a job from another
 * @param stale how many do not match their jobs
 */
record TimerTally(long count, long sum, long stale) {

    static final long MODULUS = Integer.MAX_VALUE;

    static TimerTally of(Collection<Timer> timers) {
        long sum = 0;
        for (Timer timer : timers) {
            sum += ChronoUnit.MICROS.between(Instant.EPOCH, timer.basis()) % MODULUS;
        }
        return new TimerTally(timers.size(), sum, 0);
    }
}
