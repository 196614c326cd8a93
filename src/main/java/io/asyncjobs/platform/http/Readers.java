package io.asyncjobs.platform.http;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/** Bodies that are being read, the first to begin first. Thread-safe. */
final class Readers {

    /** One body. */
    interface Reader {
        /** Its place goes to another one. */
        void evict();
    }

    /** So long nobody takes a reader's place. */
    private static final long FAIR_NANOS = Duration.ofSeconds(1).toNanos();

    private record Since(Reader reader, long nanoTime) {}

    private final int most;
    private final LongSupplier clock;
    private final Set<Since> all = new LinkedHashSet<>();

    Readers(int most, LongSupplier clock) {
        this.most = most;
        this.clock = clock;
    }

    /** Whether there is a place for one more; the one that has taken longest may have to make it. */
    boolean add(Reader reader) {
        Reader evicted = null;
        synchronized (this) {
            long now = clock.getAsLong();
            if (all.size() >= most) {
                Iterator<Since> eldest = all.iterator();
                Since first = eldest.next();
                if (now - first.nanoTime() < FAIR_NANOS) {
                    return false;
                }
                eldest.remove();
                evicted = first.reader();
            }
            all.add(new Since(reader, now));
        }
        if (evicted != null) {
            evicted.evict();
        }
        return true;
    }

    synchronized void remove(Reader reader) {
        all.removeIf(since -> since.reader() == reader);
    }

    synchronized int count() {
        return all.size();
    }
}
