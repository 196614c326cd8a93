package io.asyncjobs.run.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What some ticks of a job came to, added up piece by piece. Not thread-safe. */
final class TickTally {

    private final Map<String, Long> gaps = new TreeMap<>();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final DurationHistogram durations = new DurationHistogram();
    private long ran;
    private long late;
    private @Nullable Instant first;
    private @Nullable Instant last;

    void addRuns(long ran, long late, @Nullable Instant first, @Nullable Instant last) {
        this.ran += ran;
        this.late += late;
        if (first != null && (this.first == null || first.isBefore(this.first))) {
            this.first = first;
        }
        if (last != null && (this.last == null || last.isAfter(this.last))) {
            this.last = last;
        }
    }

    void addOutcome(String outcome, long runs) {
        outcomes.merge(outcome, runs, Long::sum);
    }

    void addGap(String reason, long ticks) {
        if (ticks > 0) {
            gaps.merge(reason, ticks, Long::sum);
        }
    }

    void addDurations(int slot, long runs) {
        durations.add(slot, runs);
    }

    long ran() {
        return ran;
    }

    long late() {
        return late;
    }

    /** Runs by how they ended; runs that go on and those of hours that were added up without it are in none. */
    Map<String, Long> outcomes() {
        return outcomes;
    }

    /** Ticks without a run, by reason. */
    Map<String, Long> gaps() {
        return gaps;
    }

    long expected() {
        return ran + gaps.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The mean distance of runs in time; null with fewer than two. */
    @Nullable
    Double effectiveIntervalSeconds() {
        return first == null || last == null || ran < 2
                ? null
                : Duration.between(first, last).toNanos() / 1e9 / (ran - 1);
    }

    DurationHistogram durations() {
        return durations;
    }
}
