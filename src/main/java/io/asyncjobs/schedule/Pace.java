package io.asyncjobs.schedule;

/** How many runs end in a while, as of late. Not thread-safe. */
final class Pace {

    private static final long SLOT_NANOS = 100_000_000L;
    private static final int SLOTS = 5;

    private final int[] ended = new int[SLOTS];
    private long slot = Long.MIN_VALUE / SLOT_NANOS;

    void ended(long now) {
        turn(now);
        ended[Math.floorMod(slot, SLOTS)]++;
    }

    /** How many end within that time, if they go on as in the busiest of the last tenths of a second. */
    int within(long nanos, long now) {
        turn(now);
        int most = 0;
        for (int count : ended) {
            most = Math.max(most, count);
        }
        return (int) Math.min(Integer.MAX_VALUE, most * nanos / SLOT_NANOS);
    }

    private void turn(long now) {
        long current = now / SLOT_NANOS;
        long passed = Math.min(SLOTS, current - slot);
        for (long i = 1; i <= passed; i++) {
            ended[Math.floorMod(current - passed + i, SLOTS)] = 0;
        }
        slot = Math.max(slot, current);
    }
}
