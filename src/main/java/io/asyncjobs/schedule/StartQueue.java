package io.asyncjobs.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Claimed runs that wait for their tick, then for a slot, in order of their ticks. Not thread-safe. */
final class StartQueue {

    /** @param at the {@link System#nanoTime} from which it may start */
    private record Start(long at, Claim claim) implements Comparable<Start> {

        @Override
        public int compareTo(Start other) {
            // As nanoTime wants it, whose values may overflow
            int order = Long.signum(at - other.at);
            if (order == 0) {
                order = claim.scheduledFor().compareTo(other.claim.scheduledFor());
            }
            return order != 0 ? order : claim.runId().compareTo(other.claim.runId());
        }
    }

    private final TreeSet<Start> order = new TreeSet<>();
    private final Map<UUID, Start> byJob = new HashMap<>();

    int size() {
        return order.size();
    }

    void add(Claim claim, long at) {
        Start start = new Start(at, claim);
        Start before = byJob.put(claim.jobId(), start);
        if (before != null) {
            order.remove(before);
        }
        order.add(start);
    }

    /** When the earliest one is to start. */
    OptionalLong earliest() {
        return order.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(order.first().at());
    }

    /** Takes those that are to start by that time, earliest first, at most so many. */
    List<Claim> take(long until, int atMost) {
        List<Claim> taken = new ArrayList<>();
        while (taken.size() < atMost && !order.isEmpty() && order.first().at() - until <= 0) {
            Start start = order.removeFirst();
            byJob.remove(start.claim().jobId());
            taken.add(start.claim());
        }
        return taken;
    }

    /** Takes that job's run, if one waits. */
    @Nullable
    Claim remove(UUID job) {
        Start start = byJob.remove(job);
        if (start == null) {
            return null;
        }
        order.remove(start);
        return start.claim();
    }

    /** Takes all. */
    List<Claim> removeAll() {
        List<Claim> all = order.stream().map(Start::claim).toList();
        order.clear();
        byJob.clear();
        return all;
    }
}
