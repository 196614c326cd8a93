package io.asyncjobs.run.ledger;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How many runs took how long, in the slots of the database's {@code duration_slot}: each 4.4 % wide. */
final class DurationHistogram {

    private static final int SLOTS_PER_DOUBLING = 16;
    private static final double SHORTEST_MILLIS = 1 / 16.0;

    private final Map<Integer, Long> slots = new TreeMap<>();
    private long runs;

    void add(int slot, long more) {
        slots.merge(slot, more, Long::sum);
        runs += more;
    }

    /**
     * The time in milliseconds within which that part of the runs ended, right to half a slot; null without runs.
     *
     * @param part between 0 and 1
     */
    @Nullable
    Double percentile(double part) {
        double rank = part * runs;
        long before = 0;
        for (Map.Entry<Integer, Long> slot : slots.entrySet()) {
            if (before + slot.getValue() >= rank && runs > 0) {
                double within = (rank - before) / slot.getValue();
                return rounded(SHORTEST_MILLIS * Math.pow(2, (slot.getKey() - 1 + within) / SLOTS_PER_DOUBLING));
            }
            before += slot.getValue();
        }
        return null;
    }

    /** To what the slots can tell: four digits. */
    private static double rounded(double millis) {
        double unit = Math.pow(10, Math.floor(Math.log10(millis)) - 3);
        return Math.round(millis / unit) * unit;
    }
}
