package io.asyncjobs.bench.peers;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** Every start of a task: when it was due and when it came. Written by many threads without locks, read afterwards. */
final class Starts {

    private static final int MOST = 8_000_000;

    private final Instant origin = Instant.now();
    private final long originNanoTime = System.nanoTime();
    private final long[] due = new long[MOST];
    private final long[] started = new long[MOST];
    private final AtomicInteger number = new AtomicInteger();

    /** A task that was due then starts now. */
    void add(Instant dueAt) {
        int place = number.getAndIncrement();
        if (place < MOST) {
            due[place] = nanos(dueAt);
            started[place] = System.nanoTime() - originNanoTime;
        }
    }

    int number() {
        return Math.min(MOST, number.get());
    }

    /** Lateness in milliseconds of what started in [from, to), sorted. */
    double[] latenessMillis(Instant from, Instant to) {
        double[] late = new double[number()];
        int found = 0;
        for (int i = 0; i < late.length; i++) {
            if (started[i] >= nanos(from) && started[i] < nanos(to)) {
                late[found++] = (started[i] - due[i]) / 1e6;
            }
        }
        double[] sorted = Arrays.copyOf(late, found);
        Arrays.sort(sorted);
        return sorted;
    }

    /** How many of those due in [from, to) had started by then. */
    long startedOfDue(Instant from, Instant to, Instant by) {
        long count = 0;
        for (int i = 0, most = number(); i < most; i++) {
            if (due[i] >= nanos(from) && due[i] < nanos(to) && started[i] < nanos(by)) {
                count++;
            }
        }
        return count;
    }

    private long nanos(Instant at) {
        return Duration.between(origin, at).toNanos();
    }
}
