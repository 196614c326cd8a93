package io.asyncjobs.schedule;

import io.asyncjobs.platform.Clock;
import io.asyncjobs.platform.Moment;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Claims jobs shortly before they fall due, in one statement, and starts each run at its tick from memory.
 *
 * <p>{@link DispatchState} decides; here are the two threads, the lock and the statements. Claims no more than can start
 * soon: when scripts ask for more than the workers give, ticks wait, earliest first, and in the end become gaps. Claims that
 * cannot or must not start are given back. Thread-safe.
 */
@Singleton
public class Dispatcher implements RunListener {

    private static final Logger LOG = Logger.getLogger(Dispatcher.class);

    private final Claims claims;
    private final TimerRepository repository;
    private final Nodes nodes;
    private final Clock clock;
    private final RunLauncher launcher;

    private final ReentrantLock lock = new ReentrantLock();
    /** For the thread that claims. */
    private final Condition claimable = lock.newCondition();
    /** For the thread that starts runs. */
    private final Condition startable = lock.newCondition();

    // Guarded by lock
    private final DispatchState state;
    private boolean running;
    private @Nullable Thread claimer;
    private @Nullable Thread starter;

    /** What was logged of jobs that the database refused; of the claiming thread alone. */
    private final Map<UUID, String> refusals = new HashMap<>();

    Dispatcher(
            Claims claims,
            TimerRepository repository,
            Nodes nodes,
            Clock clock,
            ScheduleConfig config,
            RunLauncher launcher) {
        this.claims = claims;
        this.repository = repository;
        this.nodes = nodes;
        this.clock = clock;
        this.launcher = launcher;
        this.state = new DispatchState(config, nodes::prefers);
    }

    void start() {
        lock.lock();
        try {
            if (!running) {
                running = true;
                state.started(clock.moment());
                claimer = Thread.ofPlatform().name("dispatcher").daemon().start(this::claimLoop);
                starter = Thread.ofPlatform().name("run-starter").daemon().start(this::startLoop);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Claims nothing more; returns when the last claim under way has been handed over or given back. */
    void stop() throws InterruptedException {
        Thread claiming;
        Thread starting;
        lock.lock();
        try {
            running = false;
            claimable.signalAll();
            startable.signalAll();
            claiming = claimer;
            starting = starter;
            claimer = null;
            starter = null;
        } finally {
            lock.unlock();
        }
        if (claiming != null) {
            claiming.join();
        }
        if (starting != null) {
            starting.join();
        }
        List<Claim> left = ask(DispatchState::takeAllClaims);
        if (!left.isEmpty()) {
            try {
                List<Claim> locked = claims.giveBack(left);
                if (!locked.isEmpty()) {
                    LOG.warnf("%d claims are left for other nodes to take over: their rows are locked", locked.size());
                }
            } catch (RuntimeException e) {
                LOG.warnf("%d claims are left for other nodes to take over: %s", left.size(), e.getMessage());
            }
        }
    }

    /** While fenced, nothing is claimed and nothing starts. */
    void fence(boolean on) {
        Moment now = clock.moment();
        tell(known -> known.fenced(on, now));
    }

    /** Takes over timers as read; with {@code complete} they are all there are. */
    void reconcile(List<TimerRepository.Row> rows, boolean complete) {
        if (!rows.isEmpty() || complete) {
            tell(known -> known.reconciled(rows, complete));
        }
    }

    /** The timers in memory. */
    TimerTally tally() {
        return ask(DispatchState::tally);
    }

    /** Hears of slots and of jobs that are free again. */
    @Override
    public void on(List<? extends RunEvent> events) {
        if (events.stream().noneMatch(Dispatcher::frees)) {
            return;
        }
        Moment now = clock.moment();
        tell(known -> {
            for (RunEvent event : events) {
                switch (event) {
                    case RunEvent.Ended ended -> known.released(ended.jobId(), ended.at());
                    case RunEvent.LeaseGone gone -> known.released(gone.jobId(), gone.at());
                    case RunEvent.SlotFreed unused -> known.slotFreed(now);
                    default -> {
                        // Nothing is free by it
                    }
                }
            }
        });
    }

    private static boolean frees(RunEvent event) {
        return event instanceof RunEvent.SlotFreed
                || event instanceof RunEvent.Ended
                || event instanceof RunEvent.LeaseGone;
    }

    /** The job has changed: a claim of it that has not started is given back. Returns at once. */
    void withdraw(UUID job) {
        tell(known -> known.withdraw(job));
    }

    /** As {@link #withdraw}, of all jobs. */
    void withdrawAll() {
        tell(DispatchState::withdrawAll);
    }

    /** As {@link #withdraw}, and returns when the claim has been given back. */
    void withdrawNow(UUID job) {
        List<Claim> taken = ask(known -> known.takeClaim(job)).stream().toList();
        if (!taken.isEmpty()) {
            try {
                giveBack(taken);
            } catch (RuntimeException e) {
                tell(known -> known.returned(taken));
                throw e;
            }
        }
    }

    boolean hasSuspects() {
        return ask(DispatchState::hasSuspects);
    }

    /** The jobs that were asked for in vain since the last call. */
    Set<UUID> takeSuspects() {
        return ask(DispatchState::takeSuspects);
    }

    /** Why this node claims nothing at present; empty while it does or could. */
    Optional<String> trouble() {
        lock.lock();
        try {
            return running
                    ? state.trouble(clock.moment())
                    : Optional.of("This node takes no jobs: it starts or stops.");
        } finally {
            lock.unlock();
        }
    }

    /** Tells the state what has happened and wakes who has to look again. */
    private void tell(Consumer<DispatchState> event) {
        lock.lock();
        try {
            event.accept(state);
            if (state.takeClaimerWake()) {
                claimable.signal();
            }
            if (state.takeStarterWake()) {
                startable.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private <T> T ask(Function<DispatchState, T> question) {
        lock.lock();
        try {
            return question.apply(state);
        } finally {
            lock.unlock();
        }
    }

    // ---- Claiming ----

    private void claimLoop() {
        while (true) {
            try {
                ClaimStep step = awaitClaim();
                if (step instanceof ClaimStep.Ask jobs) {
                    claim(jobs);
                } else if (step instanceof ClaimStep.GiveBack back) {
                    giveBackOrLater(back.claims());
                } else {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                LOG.error("The dispatcher goes on after an error of its own", e);
            }
        }
    }

    /** Waits for something to do; null when the dispatcher stops. */
    private @Nullable ClaimStep awaitClaim() throws InterruptedException {
        lock.lock();
        try {
            while (running) {
                ClaimStep step = state.nextClaim(clock.moment(), launcher::freeSlots);
                if (!(step instanceof ClaimStep.Wait wait)) {
                    return step;
                }
                claimable.awaitNanos(wait.nanos());
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void claim(ClaimStep.Ask asked) {
        Claims.Answer answer = answerTo(asked);
        answer.refused().forEach(this::setAside);
        prepare(answer.won());
        tell(known -> {
            if (known.claimed(asked, answer, clock.moment())) {
                LOG.error("Due jobs cannot be claimed; trying again until the database answers", answer.failure());
            }
        });
    }

    /** Only saves time: the claims are told of whatever comes of it, or nobody would start them or give them back. */
    private void prepare(List<Claim> won) {
        try {
            launcher.prepare(won);
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "%d runs were not prepared; they take a little longer", won.size());
        }
    }

    private Claims.Answer answerTo(ClaimStep.Ask asked) {
        List<UUID> jobs = new ArrayList<>(asked.preferred());
        try {
            if (!asked.others().isEmpty()) {
                jobs.addAll(claims.overdue(asked.others()));
            }
            return jobs.isEmpty() ? Claims.Answer.nothing() : claims.claim(nodes.id(), jobs, asked.horizon());
        } catch (RuntimeException e) {
            return Claims.Answer.failed(asked.jobs(), e);
        } catch (Error e) {
            return Claims.Answer.failed(asked.jobs(), new IllegalStateException("A claim ended in an error", e));
        }
    }

    /** The job is tried again only when somebody has looked at it. */
    private void setAside(UUID job, String reason) {
        try {
            // A job that was tried again in vain is logged once
            if (repository.setAside(job, reason) && !reason.equals(refusals.put(job, reason))) {
                LOG.errorf("Job %s is blocked, and the others go on: %s", job, reason);
            }
        } catch (RuntimeException e) {
            LOG.warnf("Job %s cannot be claimed nor set aside: %s; %s", job, reason, e.getMessage());
        }
    }

    private void giveBackOrLater(List<Claim> back) {
        try {
            giveBack(back);
        } catch (RuntimeException e) {
            LOG.warnf("%d claims cannot be given back now: %s", back.size(), e.getMessage());
            tell(known -> known.giveBackFailed(back, clock.moment()));
        }
    }

    private void giveBack(List<Claim> back) {
        List<Claim> stillHeld = claims.giveBack(back);
        tell(known -> known.gaveBack(back, stillHeld, clock.moment()));
    }

    // ---- Starting ----

    private void startLoop() {
        while (true) {
            try {
                List<Claim> due = awaitStarts();
                if (due.isEmpty()) {
                    return;
                }
                for (Claim claim : due) {
                    launch(claim);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                LOG.error("The starter of runs goes on after an error of its own", e);
            }
        }
    }

    /** Waits for runs to start; an empty list says that the dispatcher stops. */
    private List<Claim> awaitStarts() throws InterruptedException {
        lock.lock();
        try {
            while (running) {
                StartStep step = state.nextStart(clock.moment(), launcher::freeSlots, nodes.sinceRenewal());
                if (state.takeClaimerWake()) {
                    claimable.signal();
                }
                switch (step) {
                    case StartStep.Start start -> {
                        return start.claims();
                    }
                    case StartStep.Wait wait
                    when wait.until().isPresent() ->
                        startable.awaitNanos(wait.until().getAsLong() - System.nanoTime());
                    case StartStep.Wait unused -> startable.await();
                }
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    /** A run that cannot be launched keeps no other. */
    private void launch(Claim claim) {
        if (!claims.mayStart(claim)) {
            tell(known -> known.returned(List.of(claim)));
            return;
        }
        try {
            launcher.launch(claim);
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "Run %s was not launched; it is given back", claim.runId());
            tell(known -> known.returned(List.of(claim)));
        }
    }
}
