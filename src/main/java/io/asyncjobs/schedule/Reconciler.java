package io.asyncjobs.schedule;

import io.asyncjobs.job.JobChanged;
import io.asyncjobs.job.JobPauses;
import io.asyncjobs.platform.DatabaseClock;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes timers match the tables: at once when a job changes, and with each heartbeat that finds something to do.
 *
 * <p>A round looks at what changed since shortly before the last one. Each minute the sums of timers here and there are
 * compared; where they differ, and after any failure, a full round repairs whatever slipped through. In the seconds after a
 * change, sums likewise tell whether there is anything that the last round did not read.
 */
@Singleton
public class Reconciler {

    private static final Logger LOG = Logger.getLogger(Reconciler.class);

    /** Longer than any transaction that changes a job: such a change becomes visible later than its own time says. */
    static final Duration OVERLAP = Duration.ofSeconds(5);

    private static final long RETRY_AFTER_MILLIS = 500;

    /** Until a row is looked at again that somebody had locked. */
    private static final long RETRY_LOCKED_MILLIS = 250;

    private final TimerRepository repository;
    private final Dispatcher dispatcher;
    private final LostLeases lost;
    private final Holdings holdings;
    private final DatabaseClock clock;
    private final NodeLifecycle lifecycle;
    private final JobPauses pauses;
    private final ScheduledExecutorService own = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("reconciler").daemon().factory());
    /** One round serves all changes that came before it. */
    private final AtomicBoolean asked = new AtomicBoolean();

    private @Nullable Instant lastRound;
    /** What the last round read that had changed since shortly before it. */
    private @Nullable TimerTally lastRead;

    /** Jobs that were blocked when they were last read. */
    private final Set<UUID> blocked = ConcurrentHashMap.newKeySet();

    private volatile boolean failing;
    private volatile boolean checkWanted;
    private volatile boolean inspectWanted;
    private volatile boolean pauseOver;
    private final AtomicBoolean lookingForLost = new AtomicBoolean();

    public Reconciler(
            TimerRepository repository,
            Dispatcher dispatcher,
            LostLeases lost,
            Holdings holdings,
            DatabaseClock clock,
            NodeLifecycle lifecycle,
            JobPauses pauses) {
        this.repository = repository;
        this.dispatcher = dispatcher;
        this.lost = lost;
        this.holdings = holdings;
        this.clock = clock;
        this.lifecycle = lifecycle;
        this.pauses = pauses;
    }

    /** After this node has joined. */
    void atStart(@Observes @Priority(Interceptor.Priority.APPLICATION + 600) StartupEvent event) {
        soon();
    }

    @Scheduled(every = "1m", delayed = "1m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void thoroughly() {
        checkWanted = true;
        reconcile();
    }

    void onBeat(@ObservesAsync Beat beat) {
        if (beat.nodeDied()) {
            holdings.lookForLost();
        }
        pauseOver |= beat.pauseOver();
        if (lost.isDue()) {
            endLost();
        }
        if (beat.asksForRound() || inspectWanted) {
            soon();
        }
    }

    /** On a thread of its own: the one that committed may still be bound to its transaction. */
    void onJobChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) JobChanged changed) {
        // Before whoever changed it gets an answer: what was claimed of it ahead does not start any more
        dispatcher.withdraw(changed.jobId());
        soon();
    }

    /** One round that also compares all timers: many jobs changed in a transaction that may have taken long. */
    void checkAllSoon() {
        checkWanted = true;
        soon();
    }

    /** One round on the reconciler's own thread. */
    void soon() {
        roundAfter(0);
    }

    private void roundAfter(long millis) {
        if (asked.compareAndSet(false, true)) {
            try {
                var unused = own.schedule(
                        () -> {
                            asked.set(false);
                            reconcile();
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("Nothing is reconciled any more: the service stops", e);
            }
        }
    }

    @PreDestroy
    void stop() {
        own.shutdownNow();
    }

    /** Compares all timers, when that is wanted. */
    private boolean slippedThrough() {
        if (!checkWanted) {
            return false;
        }
        checkWanted = false;
        return !repository.check().equals(dispatcher.tally());
    }

    /**
     * Ends lost leases, on the thread that heard the heartbeat: a round may hang on a dead connection, and leases must not
     * wait for it.
     */
    private void endLost() {
        if (!lookingForLost.compareAndSet(false, true)) {
            return;
        }
        try {
            lost.end();
            inspectWanted = dispatcher.hasSuspects() || !blocked.isEmpty();
        } catch (RuntimeException e) {
            holdings.lookForLost();
            LOG.debugf(e, "Lost leases cannot be looked for now; the next heartbeat tries again");
        } finally {
            lookingForLost.set(false);
        }
    }

    /** Sets aside what is damaged and takes back what is sound again: of the jobs in question, or of all. */
    private void inspect(boolean all) {
        Set<UUID> inQuestion = new HashSet<>(blocked);
        inQuestion.addAll(dispatcher.takeSuspects());
        if (inQuestion.isEmpty() && !all) {
            return;
        }
        for (TimerRepository.Blocked changed : repository.inspect(inQuestion, all)) {
            if (changed.reason() != null) {
                LOG.errorf("Job %s is blocked, and the others go on: %s", changed.job(), changed.reason());
                blocked.add(changed.job());
            } else {
                if (!changed.isTriedAgain()) {
                    LOG.infof("Job %s is blocked no more", changed.job());
                }
                blocked.remove(changed.job());
            }
            // What is in memory and what is in the table differ now
            lastRound = null;
        }
    }

    /** One round; lets nothing escape. */
    synchronized void reconcile() {
        if (!lifecycle.isRunning()) {
            return;
        }
        try {
            if (inspectWanted || checkWanted) {
                inspectWanted = false;
                inspect(checkWanted);
            }
            Instant now = clock.now();
            boolean checked = checkWanted;
            boolean full = lastRound == null || failing || slippedThrough();
            Instant since = full || lastRound == null ? Instant.EPOCH : lastRound.minus(OVERLAP);
            // A pause that ended while nobody looked counts from its end, which may lie further back
            Optional<Instant> resumed = Optional.empty();
            if (pauseOver || full || checked) {
                resumed = pauses.resumeDue();
                pauseOver = false;
            }
            if (resumed.isPresent() && resumed.get().isBefore(since)) {
                since = resumed.get();
            }
            if (full || !repository.changedSince(since).equals(lastRead)) {
                List<TimerRepository.Row> rows = repository.synchronize(since);
                dispatcher.reconcile(rows, full);
                rows.stream()
                        .filter(TimerRepository.Row::blocked)
                        .forEach(row -> blocked.add(row.timer().jobId()));
                if (rows.stream().anyMatch(TimerRepository.Row::behind)) {
                    roundAfter(RETRY_LOCKED_MILLIS);
                    return;
                }
                lastRound = now;
                lastRead = TimerTally.of(rows.stream()
                        .map(TimerRepository.Row::timer)
                        .filter(timer -> !timer.basis().isBefore(now.minus(OVERLAP)))
                        .toList());
            }
            failing = false;
        } catch (RuntimeException | Error e) {
            if (!failing) {
                LOG.error("Timers cannot be reconciled with the tables; trying again each second", e);
                failing = true;
            }
            roundAfter(RETRY_AFTER_MILLIS);
        }
    }
}
