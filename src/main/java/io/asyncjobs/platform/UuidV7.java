package io.asyncjobs.platform;

import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Time-ordered ids (RFC 9562, version 7): 48 bits of Unix milliseconds, the rest random. */
public final class UuidV7 {

    private UuidV7() {}

    /** An id whose time part is {@code at}, cut to milliseconds. */
    public static UUID at(Instant at) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = at.toEpochMilli() << 16 | 0x7000 | random.nextInt(1 << 12);
        long low = 0x8000_0000_0000_0000L | random.nextLong() >>> 2;
        return new UUID(high, low);
    }
}
