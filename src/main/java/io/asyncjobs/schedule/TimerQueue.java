package io.asyncjobs.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The next attempt of every active job, in order of time; each change costs O(log n).
 *
 * <p>A job that was taken waits outside the order until it is {@link #release released} or {@link #retry retried}. Not
 * thread-safe: the dispatcher guards it.
 */
final class TimerQueue {

    private static final class Entry {
        final Timer timer;
        /** The tick meant by the next attempt; the attempt itself may be later. */
        Instant tick;

        Instant attemptAt;
        boolean queued;

        Entry(Timer timer, Instant tick, Instant attemptAt) {
            this.timer = timer;
            this.tick = tick;
            this.attemptAt = attemptAt;
        }
    }

    private static final Comparator<Entry> IN_ORDER =
            Comparator.<Entry, Instant>comparing(entry -> entry.attemptAt).thenComparing(entry -> entry.timer.jobId());

    private final Map<UUID, Entry> byJob = new HashMap<>();
    private final TreeSet<Entry> order = new TreeSet<>(IN_ORDER);

    int size() {
        return byJob.size();
    }

    List<Timer> timers() {
        return byJob.values().stream().map(entry -> entry.timer).toList();
    }

    /** The jobs that have a timer. */
    Set<UUID> jobs() {
        return Set.copyOf(byJob.keySet());
    }

    /**
     * Sets or replaces a job's timer; one made from the same configuration stays as it is.
     *
     * @param tick the first tick to be tried, which may be past
     */
    void put(Timer timer, Instant tick, Duration delay) {
        Entry known = byJob.get(timer.jobId());
        if (known != null && known.timer.equals(timer)) {
            return;
        }
        remove(timer.jobId());
        Entry entry = new Entry(timer, tick, tick.plus(delay));
        byJob.put(timer.jobId(), entry);
        enqueue(entry);
    }

    void remove(UUID job) {
        Entry entry = byJob.remove(job);
        if (entry != null && entry.queued) {
            order.remove(entry);
        }
    }

    /** When the earliest attempt is due. */
    Optional<Instant> earliest() {
        return order.isEmpty() ? Optional.empty() : Optional.of(order.first().attemptAt);
    }

    /** Takes the jobs whose attempt is due at that instant, earliest first, at most so many. */
    List<UUID> take(Instant until, int atMost) {
        List<UUID> taken = new ArrayList<>();
        while (taken.size() < atMost
                && !order.isEmpty()
                && !order.first().attemptAt.isAfter(until)) {
            Entry entry = order.removeFirst();
            entry.queued = false;
            taken.add(entry.timer.jobId());
        }
        return taken;
    }

    /** Puts a job back whose run has ended: its next attempt is the first tick after that. */
    void release(UUID job, Instant ended, Duration delay) {
        Entry entry = waiting(job);
        if (entry != null) {
            entry.tick = entry.timer.tickAfter(ended);
            entry.attemptAt = entry.tick.plus(delay);
            enqueue(entry);
        }
    }

    /**
     * Puts a job back whose tick was not won. A first attempt is repeated once after {@code patience}, since its row may
     * have been locked for a moment; after that the tick is left to who has it.
     */
    void retry(UUID job, Instant now, Duration patience, Duration delay) {
        Entry entry = waiting(job);
        if (entry != null) {
            boolean first = entry.attemptAt.isBefore(entry.tick.plus(patience));
            Instant again = entry.tick.plus(patience);
            if (first && again.isAfter(now)) {
                entry.attemptAt = again;
            } else {
                entry.tick = entry.timer.tickAfter(now.isAfter(entry.tick) ? now : entry.tick);
                entry.attemptAt = entry.tick.plus(delay);
            }
            enqueue(entry);
        }
    }

    /** Puts a job back unchanged, to be tried at that instant: the database could not be asked. */
    void postpone(UUID job, Instant until) {
        Entry entry = waiting(job);
        if (entry != null) {
            entry.attemptAt = until;
            enqueue(entry);
        }
    }

    /**
     * Puts a job back whose claim was given back: that tick is due again. A job with another timer by then is tried at that
     * tick first.
     */
    void restore(UUID job, Instant tick, Duration delay) {
        Entry entry = byJob.get(job);
        if (entry == null || (entry.queued && !tick.isBefore(entry.tick))) {
            return;
        }
        if (entry.queued) {
            order.remove(entry);
        }
        entry.tick = tick;
        entry.attemptAt = tick.plus(delay);
        enqueue(entry);
    }

    private @Nullable Entry waiting(UUID job) {
        Entry entry = byJob.get(job);
        return entry == null || entry.queued ? null : entry;
    }

    private void enqueue(Entry entry) {
        entry.queued = true;
        order.add(entry);
    }
}
