package io.asyncjobs.run.ledger;

import java.time.Instant;

/** A stretch of time: from, before to. */
record Window(Instant from, Instant to) {

    /** In seconds. */
    static final long HOUR = 3_600;

    /** The last full multiple of so many seconds up to that time. */
    static Instant floor(Instant at, long seconds) {
        return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), seconds) * seconds);
    }

    /** The first full multiple of so many seconds from that time on. */
    static Instant ceiling(Instant at, long seconds) {
        Instant floor = floor(at, seconds);
        return floor.equals(at) ? at : floor.plusSeconds(seconds);
    }
}
