package io.asyncjobs.schedule;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Claimed runs that wait for their tick, then for a slot. Not thread-safe.
 *
 * <p>Runs whose tick has come start in the order of their ticks. A job whose claim was given back because it found no slot
 * keeps its place: its next claim starts before those of jobs that have run since. Otherwise a node with too much work could
 * pass over the same job again and again.
 */
final class StartQueue {

    /**
     * @param at the {@link System#nanoTime} from which it may start
     * @param rank the nanoTime since which the job has waited for a slot: {@code at}, or that of an earlier claim
     */
    private record Start(long at, long rank, Claim claim) {}

    // As nanoTime wants it, whose values may overflow
    private static final Comparator<Start> BY_TIME = (one, other) -> Long.signum(one.at - other.at);
    private static final Comparator<Start> BY_RANK = (one, other) -> Long.signum(one.rank - other.rank);
    private static final Comparator<Start> BY_CLAIM = Comparator.<Start, Instant>comparing(
                    start -> start.claim.scheduledFor())
            .thenComparing(start -> start.claim.runId());

    /** Those whose tick is still to come. */
    private final TreeSet<Start> early = new TreeSet<>(BY_TIME.thenComparing(BY_CLAIM));
    /** Those that wait for a slot. */
    private final TreeSet<Start> due = new TreeSet<>(BY_RANK.thenComparing(BY_CLAIM));

    private final Map<UUID, Start> byJob = new HashMap<>();
    /** The ranks of jobs whose claims were given back because they found no slot. */
    private final Map<UUID, Long> passedOver = new HashMap<>();

    int size() {
        return byJob.size();
    }

    void add(Claim claim, long at) {
        remove(byJob.get(claim.jobId()));
        Long rank = passedOver.get(claim.jobId());
        Start start = new Start(at, rank == null ? at : rank, claim);
        byJob.put(claim.jobId(), start);
        early.add(start);
    }

    /** From when one of them may start. */
    OptionalLong earliest() {
        if (!due.isEmpty()) {
            return OptionalLong.of(due.first().at());
        }
        return early.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(early.first().at());
    }

    /** Takes those that may start at that time, at most so many. */
    List<Claim> take(long now, int atMost) {
        while (!early.isEmpty() && early.first().at() - now <= 0) {
            due.add(early.removeFirst());
        }
        List<Claim> taken = new ArrayList<>();
        while (taken.size() < atMost && !due.isEmpty()) {
            Claim claim = due.removeFirst().claim();
            byJob.remove(claim.jobId());
            passedOver.remove(claim.jobId());
            taken.add(claim);
        }
        return taken;
    }

    /** Takes those that might have started at that time or before; their jobs keep their places. */
    List<Claim> takePassedOver(long until) {
        List<Start> late = due.stream().filter(start -> start.at() - until <= 0).toList();
        for (Start start : late) {
            remove(start);
            passedOver.put(start.claim().jobId(), start.rank());
        }
        return late.stream().map(Start::claim).toList();
    }

    /** Takes that job's run, if one waits. */
    @Nullable
    Claim remove(UUID job) {
        passedOver.remove(job);
        Start start = byJob.get(job);
        remove(start);
        return start == null ? null : start.claim();
    }

    /** The job has no timer any more. */
    void forget(UUID job) {
        passedOver.remove(job);
    }

    private void remove(@Nullable Start start) {
        if (start != null) {
            byJob.remove(start.claim().jobId());
            early.remove(start);
            due.remove(start);
        }
    }

    /** Takes all. */
    List<Claim> removeAll() {
        List<Claim> all = new ArrayList<>(due.stream().map(Start::claim).toList());
        early.forEach(start -> all.add(start.claim()));
        early.clear();
        due.clear();
        byJob.clear();
        passedOver.clear();
        return all;
    }
}
