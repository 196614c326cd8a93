package io.asyncjobs.platform;

import java.time.DateTimeException;
import java.time.Instant;

/** The instants that people may give. */
public final class Instants {

    /** Readable after the field's name. */
    public static final String FORM = "must be an instant like 2026-01-31T12:00:00Z, in a year from 1 to 9999";

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private Instants() {}

    /**
     * The instant, if it lies in a year from 1 to 9999: others can be neither stored nor written by all who read them. The
     * last is a whole second: what is stored is rounded.
     *
     * @throws DateTimeException if it does not
     */
    public static Instant bounded(Instant instant) {
        if (instant.isBefore(EARLIEST) || instant.isAfter(LATEST)) {
            throw new DateTimeException(instant + " lies in no year from 1 to 9999");
        }
        return instant;
    }
}
