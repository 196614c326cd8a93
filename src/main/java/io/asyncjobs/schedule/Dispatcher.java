package io.asyncjobs.schedule;

import io.asyncjobs.platform.DatabaseClock;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sleeps until the earliest tick, claims all that is due in one statement and hands what was won to the launcher.
 *
 * <p>Claims no more than can start: when scripts ask for more than the workers give, ticks wait and in the end become gaps.
 * Thread-safe.
 */
@Singleton
public class Dispatcher {

    private static final Logger LOG = Logger.getLogger(Dispatcher.class);
    private static final Duration RETRY_AFTER_FAILURE = Duration.ofMillis(250);

    private final Leases leases;
    private final Nodes nodes;
    private final DatabaseClock clock;
    private final ScheduleConfig config;
    private final Instance<RunLauncher> launcher;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TimerQueue timers = new TimerQueue();
    private final AtomicInteger waitingForTick = new AtomicInteger();
    private boolean running;
    private boolean fenced;
    private boolean failing;
    private @Nullable Thread thread;
    private @Nullable ScheduledExecutorService starter;

    public Dispatcher(
            Leases leases, Nodes nodes, DatabaseClock clock, ScheduleConfig config, Instance<RunLauncher> launcher) {
        this.leases = leases;
        this.nodes = nodes;
        this.clock = clock;
        this.config = config;
        this.launcher = launcher;
    }

    void start() {
        lock.lock();
        try {
            if (!running) {
                running = true;
                starter = Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("run-starter").daemon().factory());
                thread = Thread.ofPlatform().name("dispatcher").daemon().start(this::loop);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Claims nothing more; returns when the last claim under way has been handed over. */
    void stop() throws InterruptedException {
        Thread ending;
        ScheduledExecutorService starting;
        lock.lock();
        try {
            running = false;
            changed.signalAll();
            ending = thread;
            starting = starter;
            thread = null;
            starter = null;
        } finally {
            lock.unlock();
        }
        if (ending != null) {
            ending.join();
        }
        if (starting != null) {
            starting.shutdown();
            starting.awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    /** While fenced nothing is claimed. */
    void fence(boolean on) {
        lock.lock();
        try {
            fenced = on;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes over timers as read; with {@code complete} they are all there are. */
    void reconcile(List<TimerRepository.Row> rows, boolean complete) {
        lock.lock();
        try {
            Set<UUID> active = new HashSet<>();
            for (TimerRepository.Row row : rows) {
                UUID job = row.timer().jobId();
                if (row.nextTick() != null) {
                    active.add(job);
                    timers.put(row.timer(), row.nextTick(), delay(job));
                } else {
                    timers.remove(job);
                }
            }
            if (complete) {
                for (UUID job : timers.jobs()) {
                    if (!active.contains(job)) {
                        timers.remove(job);
                    }
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A run of that job is on record as ended, at that instant: the job may be claimed again. */
    public void released(UUID job, Instant ended) {
        lock.lock();
        try {
            timers.release(job, ended, delay(job));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void loop() {
        while (true) {
            try {
                List<UUID> due = awaitDue();
                if (due.isEmpty()) {
                    return;
                }
                claim(due);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.error("The dispatcher goes on after an error of its own", e);
            }
        }
    }

    /** Waits for jobs to claim; an empty list says that the dispatcher is to end. */
    private List<UUID> awaitDue() throws InterruptedException {
        lock.lock();
        try {
            while (running) {
                int free = fenced ? 0 : launcher.get().freeSlots() - waitingForTick.get();
                Optional<Instant> earliest = timers.earliest();
                if (free <= 0) {
                    // A worker that becomes ready tells nobody
                    changed.await(50, TimeUnit.MILLISECONDS);
                    continue;
                }
                if (earliest.isEmpty()) {
                    changed.await();
                    continue;
                }
                Instant until = clock.now().plus(config.claimAhead());
                if (earliest.get().isAfter(until)) {
                    changed.awaitNanos(Duration.between(until, earliest.get()).toNanos());
                    continue;
                }
                return timers.take(until, free);
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    private void claim(List<UUID> due) {
        List<Claim> won;
        try {
            won = leases.claim(nodes.id(), due);
        } catch (RuntimeException e) {
            postpone(due, e);
            return;
        }
        Set<UUID> wonJobs = new HashSet<>();
        for (Claim claim : won) {
            wonJobs.add(claim.jobId());
            launchAtTick(claim);
        }
        lock.lock();
        try {
            failing = false;
            Instant now = clock.now();
            for (UUID job : due) {
                if (!wonJobs.contains(job)) {
                    timers.retry(job, now, config.affinityGrace(), delay(job));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void postpone(List<UUID> due, RuntimeException e) {
        lock.lock();
        try {
            if (!failing) {
                LOG.error("Due jobs cannot be claimed; trying again until the database answers", e);
                failing = true;
            }
            Instant again = clock.now().plus(RETRY_AFTER_FAILURE);
            for (UUID job : due) {
                timers.postpone(job, again);
            }
        } finally {
            lock.unlock();
        }
    }

    private void launchAtTick(Claim claim) {
        long wait = clock.nanoTimeAt(claim.scheduledFor()) - System.nanoTime();
        ScheduledExecutorService at = starter;
        if (wait <= 0 || at == null) {
            launcher.get().launch(claim);
            return;
        }
        waitingForTick.incrementAndGet();
        at.schedule(
                () -> {
                    waitingForTick.decrementAndGet();
                    launcher.get().launch(claim);
                },
                wait,
                TimeUnit.NANOSECONDS);
    }

    private Duration delay(UUID job) {
        return nodes.prefers(job) ? Duration.ZERO : config.affinityGrace();
    }
}
