package io.asyncjobs.platform.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * So many units of something that can be held at once; who finds too few free waits in turn, up to a bounded number. Thread-safe;
 * callbacks are called outside the lock, on the thread of whoever made room.
 */
final class Places {

    private enum Standing {
        WAITING,
        HELD,
        GONE
    }

    /** A part of the units, held or waited for. */
    final class Ticket {

        private final Runnable admitted;
        private int units;
        private Standing standing = Standing.WAITING;

        private Ticket(int units, Runnable admitted) {
            this.units = units;
            this.admitted = admitted;
        }

        /** Gives back what is held, or waits no more; may be called again. */
        void release() {
            List<Ticket> next;
            synchronized (Places.this) {
                if (standing == Standing.HELD) {
                    taken -= units;
                } else if (standing == Standing.WAITING) {
                    waiting.remove(this);
                }
                standing = Standing.GONE;
                next = admitNext();
            }
            next.forEach(ticket -> ticket.admitted.run());
        }

        /** Waits no more; false where it is held or gone. */
        boolean giveUp() {
            synchronized (Places.this) {
                if (standing != Standing.WAITING) {
                    return false;
                }
            }
            release();
            return true;
        }

        /** Keeps no more than so many units of what is held. */
        void shrink(int least) {
            List<Ticket> next = List.of();
            synchronized (Places.this) {
                if (standing == Standing.HELD && least < units) {
                    taken -= units - least;
                    units = least;
                    next = admitNext();
                }
            }
            next.forEach(ticket -> ticket.admitted.run());
        }
    }

    private final int capacity;
    private final int maxWaiting;
    private final Deque<Ticket> waiting = new ArrayDeque<>();
    private int taken;

    Places(int capacity, int maxWaiting) {
        this.capacity = capacity;
        this.maxWaiting = maxWaiting;
    }

    /**
     * Takes so many units, or all there are where it asks for more, and calls {@code admitted}: at once, or when its turn has
     * come. Empty where too many wait already.
     */
    Optional<Ticket> ask(int units, Runnable admitted) {
        Ticket ticket = new Ticket(Math.min(units, capacity), admitted);
        synchronized (this) {
            if (!waiting.isEmpty() || taken + ticket.units > capacity) {
                if (waiting.size() >= maxWaiting) {
                    return Optional.empty();
                }
                waiting.add(ticket);
                return Optional.of(ticket);
            }
            taken += ticket.units;
            ticket.standing = Standing.HELD;
        }
        admitted.run();
        return Optional.of(ticket);
    }

    /** How many units are held. */
    synchronized int taken() {
        return taken;
    }

    private List<Ticket> admitNext() {
        List<Ticket> next = new ArrayList<>();
        while (!waiting.isEmpty() && taken + waiting.getFirst().units <= capacity) {
            Ticket ticket = waiting.removeFirst();
            taken += ticket.units;
            ticket.standing = Standing.HELD;
            next.add(ticket);
        }
        return next;
    }
}
