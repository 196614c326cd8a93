package io.asyncjobs.platform.memory;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A number of bytes that may be held at once: a semaphore of bytes. It is divided into {@link Share}s, one for each run or
 * client, so that none takes all of it; a {@link Hold} is what one piece of work holds of its share.
 *
 * <p>What finds no room waits, first come first served; who waits for its own share only does not keep the others. Waiting
 * cannot deadlock although work that holds bytes may wait for more: one hold of each share, and one of all, may pass the
 * bound. That one comes to its end, and then another one may. So the bound is the budget and the largest single hold.
 *
 * <p>Thread-safe. Waiting threads should be virtual ones.
 */
public final class ByteBudget {

    private static final ByteBudget UNLIMITED = new ByteBudget(Long.MAX_VALUE / 2, 0);

    private final class Waiter {
        final Hold hold;
        final long more;
        final Condition turn = lock.newCondition();
        boolean admitted;

        Waiter(Hold hold, long more) {
            this.hold = hold;
            this.more = more;
        }
    }

    private final long bytes;
    private final long freeBytes;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock
    private final List<Waiter> waiting = new ArrayList<>();
    private long held;
    private @Nullable Hold overdrawn;

    /**
     * @param bytes that may be held at once
     * @param freeBytes what each hold may have beside them, so that small work never waits; the number of holds bounds that
     */
    public ByteBudget(long bytes, long freeBytes) {
        if (bytes <= 0 || freeBytes < 0) {
            throw new IllegalArgumentException("a budget must have bytes");
        }
        this.bytes = bytes;
        this.freeBytes = freeBytes;
    }

    /** A share that is never used up. */
    public static Share unlimited() {
        return UNLIMITED.share(UNLIMITED.bytes);
    }

    /** A part of it; the parts together may be more than there is. */
    public Share share(long atMost) {
        return new Share(atMost);
    }

    /** What is held now. */
    public long held() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }

    /** Whether whoever wants more has to wait. */
    public boolean isUsedUp() {
        return held() >= bytes;
    }

    /** What one run or client may hold. */
    public final class Share {

        private final long atMost;

        // Guarded by lock
        private long held;
        private @Nullable Hold overdrawn;

        private Share(long atMost) {
            this.atMost = atMost;
        }

        /** An empty hold; whoever opens it closes it. */
        public Hold hold() {
            return new Hold(this);
        }
    }

    /** What one piece of work holds. */
    public final class Hold implements AutoCloseable {

        private final Share share;

        // Guarded by lock
        private long total;
        private boolean closed;

        private Hold(Share share) {
            this.share = share;
        }

        /**
         * Takes more, before it is allocated. Waits for room.
         *
         * @param deadlineNanoTime the value of {@link System#nanoTime} at which waiting ends
         * @return false when there was no room until then, or the hold was closed
         */
        public boolean take(long more, long deadlineNanoTime) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                long counted = counted(total + more) - counted(total);
                if (closed) {
                    return false;
                }
                if (counted == 0 || (waiting.isEmpty() && fits(this, counted))) {
                    add(this, more);
                    return true;
                }
                Waiter waiter = new Waiter(this, more);
                waiting.add(waiter);
                admit();
                try {
                    long left = deadlineNanoTime - System.nanoTime();
                    while (!waiter.admitted && !closed && left > 0) {
                        left = waiter.turn.awaitNanos(left);
                    }
                } finally {
                    if (!waiter.admitted) {
                        waiting.remove(waiter);
                        admit();
                    }
                }
                return waiter.admitted && !closed;
            } finally {
                lock.unlock();
            }
        }

        /** Takes more if there is room at once. */
        public boolean tryTake(long more) {
            lock.lock();
            try {
                long counted = counted(total + more) - counted(total);
                boolean room = !closed && (counted == 0 || (waiting.isEmpty() && fits(this, counted)));
                if (room) {
                    add(this, more);
                }
                return room;
            } finally {
                lock.unlock();
            }
        }

        /** Counts what has a limit of its own, or is there already: whether there is room or not. */
        public void count(long more) {
            lock.lock();
            try {
                if (!closed) {
                    change(this, total + more);
                }
            } finally {
                lock.unlock();
            }
        }

        /** Gives back all but so many bytes. */
        public void shrinkTo(long less) {
            lock.lock();
            try {
                if (!closed && less < total) {
                    change(this, less);
                    admit();
                }
            } finally {
                lock.unlock();
            }
        }

        /** Gives back so many bytes. */
        public void giveBack(long less) {
            lock.lock();
            try {
                if (!closed) {
                    change(this, Math.max(0, total - less));
                    admit();
                }
            } finally {
                lock.unlock();
            }
        }

        public long total() {
            lock.lock();
            try {
                return total;
            } finally {
                lock.unlock();
            }
        }

        /** Gives back everything; who waits for this hold waits no longer. May be called twice. */
        @Override
        public void close() {
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                change(this, 0);
                closed = true;
                for (Waiter waiter : waiting) {
                    if (waiter.hold == this) {
                        waiter.turn.signal();
                    }
                }
                admit();
            } finally {
                lock.unlock();
            }
        }
    }

    // ---- The lock is held ----

    private long counted(long total) {
        return Math.max(0, total - freeBytes);
    }

    private boolean fits(Hold hold, long counted) {
        if (overdrawn == hold) {
            return true;
        }
        Share share = hold.share;
        boolean inShare = share.held + counted <= share.atMost || share.overdrawn == null || share.overdrawn == hold;
        return inShare && (held + counted <= bytes || overdrawn == null);
    }

    private boolean waitsForItsShareOnly(Hold hold, long counted) {
        Share share = hold.share;
        return share.held + counted > share.atMost && share.overdrawn != null && share.overdrawn != hold;
    }

    private void add(Hold hold, long more) {
        Share share = hold.share;
        change(hold, hold.total + more);
        if (share.held > share.atMost && share.overdrawn == null) {
            share.overdrawn = hold;
        }
        if (held > bytes && overdrawn == null) {
            overdrawn = hold;
        }
    }

    private void change(Hold hold, long total) {
        long difference = counted(total) - counted(hold.total);
        hold.total = total;
        hold.share.held += difference;
        held += difference;
        if (hold.share.held <= hold.share.atMost || (total == 0 && hold.share.overdrawn == hold)) {
            hold.share.overdrawn = null;
        }
        if (held <= bytes || (total == 0 && overdrawn == hold)) {
            overdrawn = null;
        }
    }

    /** Lets in who fits, in the order of their coming. */
    private void admit() {
        boolean full = false;
        for (Iterator<Waiter> next = waiting.iterator(); next.hasNext(); ) {
            Waiter waiter = next.next();
            Hold hold = waiter.hold;
            long counted = counted(hold.total + waiter.more) - counted(hold.total);
            if ((!full || overdrawn == hold) && fits(hold, counted)) {
                next.remove();
                add(hold, waiter.more);
                waiter.admitted = true;
                waiter.turn.signal();
            } else if (!waitsForItsShareOnly(hold, counted)) {
                full = true;
            }
        }
    }
}
