package io.asyncjobs.bench.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Which faults come when: a pure function of the seed, so that a run can be repeated.
 *
 * <p>Faults come in bursts, with a calm after each. A burst's number gives its faults; how long a calm takes is not planned,
 * since it lasts until all jobs have run again.
 */
final class FaultPlan {

    private static final int BURST_MILLIS = 8_000;
    private static final int FEWEST = 7;
    private static final int MOST = 12;

    /** Every so many bursts hold a single fault, so that the time until all is well again can be told by its kind. */
    private static final int SOLO_EVERY = 4;

    /**
     * One fault.
     *
     * @param atMillis when, after the beginning of its burst
     * @param millis for how long, where it lasts
     * @param target chooses among whatever there is when it comes
     * @param detail chooses among the variants of its kind
     */
    record Fault(FaultKind kind, int atMillis, int millis, int target, int detail) {

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%s at %d ms for %d ms (%d, %d)", kind.wireName(), atMillis, millis, target, detail);
        }
    }

    /** Faults that may overlap, in order. */
    record Burst(int number, List<Fault> faults) {

        Burst {
            faults = List.copyOf(faults);
        }

        boolean isSolo() {
            return faults.size() == 1;
        }
    }

    private final long seed;
    private final List<FaultKind> kinds;
    private final int soloEvery;

    /** {@code alone} makes every burst a single fault. */
    FaultPlan(long seed, Set<FaultKind> kinds, boolean alone) {
        this.seed = seed;
        this.soloEvery = alone ? 1 : SOLO_EVERY;
        this.kinds = FaultKind.drawable(kinds);
        if (this.kinds.isEmpty()) {
            throw new IllegalArgumentException("There is no fault to make: name some kinds");
        }
    }

    Burst burst(int number) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        // The generator's first number follows its seed closely
        random.nextLong();
        boolean solo = number % soloEvery == soloEvery - 1;
        int count = solo ? 1 : random.nextInt(FEWEST, MOST + 1);
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FaultKind kind = draw(random, solo, number);
            faults.add(new Fault(
                    kind,
                    solo ? 0 : random.nextInt(BURST_MILLIS),
                    random.nextInt(kind.shortestMillis(), kind.longestMillis() + 1),
                    random.nextInt(1_000_000),
                    random.nextInt(1_000_000)));
        }
        faults.sort(Comparator.comparingInt(Fault::atMillis));
        return new Burst(number, faults);
    }

    /** Single faults take turns, so that each kind has its times. */
    private FaultKind draw(SplittableRandom random, boolean solo, int number) {
        if (solo) {
            return kinds.get(Math.floorMod(number / soloEvery + (int) (seed % kinds.size()), kinds.size()));
        }
        int left = random.nextInt(kinds.stream().mapToInt(FaultKind::weight).sum());
        for (FaultKind kind : kinds) {
            left -= kind.weight();
            if (left < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("weights do not add up");
    }
}
