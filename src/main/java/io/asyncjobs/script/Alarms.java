package io.asyncjobs.script;

import java.time.Duration;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs actions at their times, on one thread. Nearly all alarms are silenced before they ring, so silencing one wakes
 * nobody. Setting one wakes the thread only if it is earlier than the alarm for which the thread sleeps. Thread-safe.
 */
final class Alarms {

    private static final Logger LOG = Logger.getLogger(Alarms.class);

    /** One action at its time. */
    final class Alarm {

        private final long nanoTime;
        private final long number;
        private final Runnable action;

        private Alarm(long nanoTime, long number, Runnable action) {
            this.nanoTime = nanoTime;
            this.number = number;
            this.action = action;
        }

        /** It does not ring any more, unless it has begun to. */
        void silence() {
            lock.lock();
            try {
                pending.remove(this);
            } finally {
                lock.unlock();
            }
        }

        private int compareTo(Alarm other) {
            // Values of nanoTime are compared by their difference
            int order = Long.signum(nanoTime - other.nanoTime);
            return order != 0 ? order : Long.compare(number, other.number);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition earlier = lock.newCondition();

    // Guarded by lock
    private final TreeSet<Alarm> pending = new TreeSet<>(Comparator.comparing(alarm -> alarm, Alarm::compareTo));
    private long lastNumber;
    private boolean asleep;
    /** What the thread sleeps for while it is asleep; until it is woken where that is null. */
    private @Nullable Alarm sleepsFor;

    private boolean closed;

    Alarms(String threadName) {
        Thread.ofPlatform().daemon().name(threadName).start(this::loop);
    }

    /** Runs the action after that time, unless the alarm is silenced or these alarms are closed first. */
    Alarm after(Duration time, Runnable action) {
        lock.lock();
        try {
            Alarm alarm = new Alarm(System.nanoTime() + time.toNanos(), ++lastNumber, action);
            pending.add(alarm);
            if (asleep && (sleepsFor == null || alarm.compareTo(sleepsFor) < 0)) {
                earlier.signal();
            }
            return alarm;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing rings any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            pending.clear();
            earlier.signal();
        } finally {
            lock.unlock();
        }
    }

    private void loop() {
        while (true) {
            Alarm due;
            try {
                due = awaitDue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (due == null) {
                return;
            }
            try {
                due.action.run();
            } catch (RuntimeException | Error e) {
                // The alarms of others ring on this thread too
                LOG.error("An alarm failed", e);
            }
        }
    }

    /** Waits for the next one; null says that there is none any more. */
    private @Nullable Alarm awaitDue() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                Alarm next = pending.isEmpty() ? null : pending.first();
                long left = next == null ? Long.MAX_VALUE : next.nanoTime - System.nanoTime();
                if (left <= 0) {
                    return pending.pollFirst();
                }
                sleepsFor = next;
                asleep = true;
                try {
                    earlier.await(left, TimeUnit.NANOSECONDS);
                } finally {
                    asleep = false;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }
}
