package io.asyncjobs.schedule;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.DatabaseFaults;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Claims a moment ahead what falls due, in one statement, and starts each run at its tick from memory.
 *
 * <p>Claims no more than can start soon: when scripts ask for more than the workers give, ticks wait, earliest first, and in
 * the end become gaps. What was claimed and cannot or must not start is given back. Thread-safe.
 */
@Singleton
public class Dispatcher {

    private static final Logger LOG = Logger.getLogger(Dispatcher.class);
    private static final Leases.Answer NOTHING = new Leases.Answer(List.of(), Map.of(), List.of(), null);

    /** A claim takes some milliseconds; one that takes so long makes this node not ready. */
    private static final Duration SLOW_CLAIM = Duration.ofSeconds(1);

    private static final Duration RETRY_AFTER_FAILURE = Duration.ofMillis(250);
    private static final int MOST_AT_ONCE = 1_000;

    /** Claims that may wait for a place beyond those that are free, in what the workers got done of late. */
    private static final Duration WAIT_FOR_PLACE = Duration.ofMillis(200);

    /** A claimed run that might have started for so long and found no place is given back: another node may have one. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final long LOOK_AGAIN_MILLIS = 10;

    /** A claim of so few jobs takes some milliseconds: it may be asked for later, and then finds more. */
    private static final int FEW = 16;

    /** So early before the first tick are jobs asked for, as parts of what may be claimed ahead: when they are few, and many. */
    private static final int LEAD_OF_FEW = 8;

    private static final int LEAD_OF_MANY = 2;

    /** Ticks that follow each other faster than this start together: waking up costs more than a start. */
    private static final long TOGETHER_NANOS = 2_000_000;

    /** By so much the node's estimate of the database's time moves with a heartbeat: no reason to wake anybody. */
    private static final long JITTER_NANOS = 1_000_000;

    private final Leases leases;
    private final TimerRepository repository;
    private final Nodes nodes;
    private final DatabaseClock clock;
    private final ScheduleConfig config;
    private final Supplier<RunLauncher> launcher;

    private final ReentrantLock lock = new ReentrantLock();
    /** For the thread that claims. */
    private final Condition changed = lock.newCondition();
    /** For the thread that starts runs. */
    private final Condition startable = lock.newCondition();

    // Guarded by lock
    private final TimerQueue timers = new TimerQueue();
    private final StartQueue starts = new StartQueue();
    private final Pace pace = new Pace(System.nanoTime());
    /** Asked for in the claim under way. */
    private final Set<UUID> claiming = new HashSet<>();
    /** Of these, those that must not start any more. */
    private final Set<UUID> withdrawnMeanwhile = new HashSet<>();
    /** Asked for in vain although this node comes first: their rows may be damaged. */
    private final Set<UUID> suspects = new HashSet<>();
    /** To be given back as soon as the database can be asked. */
    private final List<Claim> unwanted = new ArrayList<>();
    /** When what could not be given back is tried again, as {@link System#nanoTime}; claims go on meanwhile. */
    private long giveBackAgainAt = System.nanoTime();

    /** How many jobs the last claim asked for. */
    private int lastClaimed;

    /** Until when the claiming thread sleeps unless woken; past while it does not. */
    private Instant sleepsUntil = Instant.MIN;
    /** Whether the starting thread waits for a place. */
    private boolean placeWanted;
    /** The {@link System#nanoTime} until which the starting thread sleeps unless woken, while it does. */
    private OptionalLong starterSleepsUntil = OptionalLong.empty();

    private boolean running;
    private boolean fenced;
    private boolean failing;
    /** How many jobs are asked for at most: fewer after a claim that the database did not get done. */
    private int atMost = MOST_AT_ONCE;
    /** Since when the database has not answered a claim, as {@link System#nanoTime}. */
    private OptionalLong askingSince = OptionalLong.empty();
    /** Since when claims have been possible without a break. */
    private Instant ableSince = Instant.EPOCH;

    /** What was told of jobs that the database refused; of the claiming thread alone. */
    private final Map<UUID, String> refusals = new HashMap<>();

    private @Nullable Thread claimer;
    private @Nullable Thread starter;

    @Inject
    public Dispatcher(
            Leases leases,
            TimerRepository repository,
            Nodes nodes,
            DatabaseClock clock,
            ScheduleConfig config,
            Instance<RunLauncher> launcher) {
        this(leases, repository, nodes, clock, config, launcher::get);
    }

    /** {@code launcher} is asked when the dispatcher starts. */
    Dispatcher(
            Leases leases,
            TimerRepository repository,
            Nodes nodes,
            DatabaseClock clock,
            ScheduleConfig config,
            Supplier<RunLauncher> launcher) {
        this.leases = leases;
        this.repository = repository;
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
                ableSince = clock.now();
                RunLauncher runs = launcher.get();
                claimer = Thread.ofPlatform().name("dispatcher").daemon().start(() -> claimLoop(runs));
                starter = Thread.ofPlatform().name("run-starter").daemon().start(() -> startLoop(runs));
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
            changed.signalAll();
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
        List<Claim> left;
        lock.lock();
        try {
            unwanted.addAll(starts.removeAll());
            left = List.copyOf(unwanted);
            unwanted.clear();
        } finally {
            lock.unlock();
        }
        if (!left.isEmpty()) {
            try {
                List<Claim> locked = leases.giveBack(left);
                if (!locked.isEmpty()) {
                    LOG.warnf("%d claims are left to be taken over: their rows are locked", locked.size());
                }
            } catch (RuntimeException e) {
                LOG.warnf("%d claims are left to be taken over: %s", left.size(), e.getMessage());
            }
        }
    }

    /** While fenced nothing is claimed and nothing starts. */
    void fence(boolean on) {
        lock.lock();
        try {
            fenced = on;
            if (on) {
                unwanted.addAll(starts.removeAll());
            } else {
                ableSince = clock.now();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes over timers as read; with {@code complete} they are all there are. */
    void reconcile(List<TimerRepository.Row> rows, boolean complete) {
        if (rows.isEmpty() && !complete) {
            return;
        }
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

    /** The timers in memory. */
    TimerTally tally() {
        lock.lock();
        try {
            return TimerTally.of(timers.timers());
        } finally {
            lock.unlock();
        }
    }

    /** A run has ended and left its place, whether or not its end is on record. */
    public void placeFreed() {
        lock.lock();
        try {
            pace.ended(System.nanoTime());
            if (placeWanted) {
                placeWanted = false;
                startable.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A run of that job is on record as ended, at that instant: the job may be claimed again. */
    public void released(UUID job, Instant ended) {
        lock.lock();
        try {
            timers.release(job, ended, delay(job));
            if (timers.earliest().orElse(Instant.MAX).isBefore(sleepsUntil)) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The job has changed: what was claimed of it and has not started is not wanted any more. Returns at once. */
    void withdraw(UUID job) {
        lock.lock();
        try {
            if (claiming.contains(job)) {
                withdrawnMeanwhile.add(job);
            }
            Claim claim = starts.remove(job);
            if (claim != null) {
                unwanted.add(claim);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #withdraw}, of all jobs. */
    void withdrawAll() {
        lock.lock();
        try {
            withdrawnMeanwhile.addAll(claiming);
            unwanted.addAll(starts.removeAll());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #withdraw}, and returns when the claim has been given back. */
    void withdrawNow(UUID job) {
        Claim claim;
        lock.lock();
        try {
            claim = starts.remove(job);
        } finally {
            lock.unlock();
        }
        if (claim != null) {
            try {
                giveBack(List.of(claim));
            } catch (RuntimeException e) {
                returnLater(List.of(claim));
                throw e;
            }
        }
    }

    private void returnLater(List<Claim> claims) {
        lock.lock();
        try {
            unwanted.addAll(claims);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- Claiming ----

    private void claimLoop(RunLauncher runs) {
        while (true) {
            try {
                List<UUID> due = awaitDue(runs);
                if (due.isEmpty()) {
                    return;
                }
                claim(due, runs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.error("The dispatcher goes on after an error of its own", e);
            }
        }
    }

    /** Waits for jobs to claim; an empty list says that the dispatcher is to end. */
    private List<UUID> awaitDue(RunLauncher runs) throws InterruptedException {
        lock.lock();
        try {
            while (running) {
                if (!unwanted.isEmpty() && !fenced && System.nanoTime() - giveBackAgainAt >= 0) {
                    giveBackUnwanted();
                    continue;
                }
                Optional<Instant> earliest = timers.earliest();
                if (earliest.isEmpty() || fenced) {
                    sleepsUntil = fenced ? Instant.MIN : Instant.MAX;
                    sleepClaimer(Long.MAX_VALUE);
                    continue;
                }
                // What falls due soon waits for what falls due a little later, so that they are claimed together
                Duration ahead = config.claimAhead();
                Instant now = clock.now();
                Instant askAt = earliest.get().minus(ahead.dividedBy(lastClaimed <= FEW ? LEAD_OF_FEW : LEAD_OF_MANY));
                if (askAt.isAfter(now)) {
                    sleepsUntil = earliest.get();
                    sleepClaimer(Duration.between(now, askAt).toNanos());
                    continue;
                }
                int backlog = pace.within(WAIT_FOR_PLACE.toNanos(), System.nanoTime());
                int most = Math.min(atMost, runs.freeSlots() + backlog - starts.size());
                if (most <= 0 || most < Math.min(backlog, atMost) / 4) {
                    // Nobody tells how many places there are by now: that would be one word for each run
                    changed.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                    continue;
                }
                sleepsUntil = Instant.MIN;
                List<UUID> due = timers.take(now.plus(ahead), most);
                lastClaimed = due.size();
                claiming.addAll(due);
                askingSince = OptionalLong.of(System.nanoTime());
                return due;
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    /** Without the jobs of which another node has claimed the tick by now, as it does nearly always where it comes first. */
    private List<UUID> worthAsking(List<UUID> due) {
        List<UUID> own = new ArrayList<>();
        List<UUID> others = new ArrayList<>();
        for (UUID job : due) {
            (nodes.prefers(job) ? own : others).add(job);
        }
        if (!others.isEmpty()) {
            own.addAll(leases.overdue(others));
        }
        return own;
    }

    /** For so long, unless woken or something is to be given back again. */
    private void sleepClaimer(long nanos) throws InterruptedException {
        if (unwanted.isEmpty() || fenced) {
            changed.awaitNanos(nanos);
        } else {
            changed.awaitNanos(Math.min(nanos, giveBackAgainAt - System.nanoTime()));
        }
    }

    private void claim(List<UUID> due, RunLauncher runs) {
        Leases.Answer answer;
        try {
            List<UUID> worthAsking = worthAsking(due);
            answer = worthAsking.isEmpty() ? NOTHING : leases.claim(nodes.id(), worthAsking, horizon());
        } catch (RuntimeException e) {
            answer = new Leases.Answer(List.of(), Map.of(), due, e);
        }
        answer.refused().forEach(this::setAside);
        runs.prepare(answer.won());
        Set<UUID> settled = new HashSet<>(answer.open());
        lock.lock();
        try {
            askingSince = OptionalLong.empty();
            if (answer.failure() != null) {
                postpone(answer.open(), answer.failure());
            } else {
                atMost = Math.min(MOST_AT_ONCE, atMost * 2);
                if (failing) {
                    failing = false;
                    ableSince = clock.now();
                }
            }
            long claimed = System.nanoTime();
            for (Claim claim : answer.won()) {
                long tick = clock.nanoTimeAt(claim.scheduledFor());
                settled.add(claim.jobId());
                if (fenced || withdrawnMeanwhile.contains(claim.jobId())) {
                    unwanted.add(claim);
                } else {
                    starts.add(claim, tick - claimed > 0 ? tick : claimed);
                }
            }
            claiming.clear();
            withdrawnMeanwhile.clear();
            wakeStarter();
            Instant now = clock.now();
            for (UUID job : due) {
                if (!settled.contains(job)) {
                    if (nodes.prefers(job)) {
                        suspects.add(job);
                    }
                    timers.retry(job, now, config.affinityGrace(), delay(job));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Unless it wakes up in time by itself. */
    private void wakeStarter() {
        OptionalLong earliest = starts.earliest();
        if (earliest.isPresent()
                && (starterSleepsUntil.isEmpty()
                        || earliest.getAsLong() - starterSleepsUntil.getAsLong() < -JITTER_NANOS)) {
            startable.signal();
        }
    }

    /** A tick runs late where it only waited for a place; one that fell due in an outage of more than a lease does not. */
    private Duration horizon() {
        lock.lock();
        try {
            Instant now = clock.now();
            return failing
                    ? config.leaseDuration()
                    : Duration.between(ableSince, now).plus(config.leaseDuration());
        } finally {
            lock.unlock();
        }
    }

    /** The lock is held. */
    private void postpone(List<UUID> open, RuntimeException e) {
        if (!failing) {
            LOG.error("Due jobs cannot be claimed; trying again until the database answers", e);
            failing = true;
        }
        if (DatabaseFaults.isOfWaiting(e)) {
            atMost = Math.max(1, open.size() / 2);
        }
        Instant again = clock.now().plus(RETRY_AFTER_FAILURE).plus(config.claimAhead());
        for (UUID job : open) {
            timers.postpone(job, again);
        }
    }

    /** The job is tried again only when somebody has looked at it. */
    private void setAside(UUID job, String reason) {
        try {
            // One that was tried again in vain is not told of again
            if (repository.setAside(job, reason) && !reason.equals(refusals.put(job, reason))) {
                LOG.errorf("Job %s is blocked, and the others go on: %s", job, reason);
            }
        } catch (RuntimeException e) {
            LOG.warnf("Job %s cannot be claimed nor set aside: %s; %s", job, reason, e.getMessage());
        }
    }

    boolean hasSuspects() {
        lock.lock();
        try {
            return !suspects.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** The jobs that were asked for in vain since the last call. */
    Set<UUID> takeSuspects() {
        lock.lock();
        try {
            Set<UUID> taken = Set.copyOf(suspects);
            suspects.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Why this node claims nothing at present; empty while it does or could. */
    Optional<String> trouble() {
        lock.lock();
        try {
            if (!running) {
                return Optional.of("This node takes no jobs: it starts or stops.");
            }
            if (fenced) {
                return Optional.of("This node has lost contact with the database.");
            }
            if (failing) {
                return Optional.of("Claims fail; the log has more.");
            }
            if (askingSince.isPresent() && System.nanoTime() - askingSince.getAsLong() > SLOW_CLAIM.toNanos()) {
                return Optional.of("The database does not answer a claim.");
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** The lock is held, and let go while the database is asked. */
    private void giveBackUnwanted() throws InterruptedException {
        List<Claim> claims = List.copyOf(unwanted);
        unwanted.clear();
        lock.unlock();
        boolean done = false;
        try {
            giveBack(claims);
            done = true;
        } catch (RuntimeException e) {
            LOG.warnf("%d claims cannot be given back now: %s", claims.size(), e.getMessage());
        } finally {
            lock.lock();
        }
        if (!done) {
            unwanted.addAll(claims);
        }
        if (!unwanted.isEmpty()) {
            giveBackAgainAt = System.nanoTime() + RETRY_AFTER_FAILURE.toNanos();
        }
    }

    private void giveBack(List<Claim> claims) {
        List<Claim> locked = leases.giveBack(claims);
        Set<Claim> kept = Set.copyOf(locked);
        lock.lock();
        try {
            unwanted.addAll(locked);
            for (Claim claim : claims) {
                if (kept.contains(claim)) {
                    continue;
                }
                timers.restore(claim.jobId(), claim.scheduledFor(), delay(claim.jobId()));
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- Starting ----

    private void startLoop(RunLauncher runs) {
        while (true) {
            try {
                List<Claim> due = awaitStarts(runs);
                if (due.isEmpty()) {
                    return;
                }
                for (Claim claim : due) {
                    launch(claim, runs);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.error("The starter of runs goes on after an error of its own", e);
            }
        }
    }

    /** One that cannot be launched keeps no other. */
    private void launch(Claim claim, RunLauncher runs) {
        if (!leases.mayStart(claim)) {
            returnLater(List.of(claim));
            return;
        }
        try {
            runs.launch(claim);
        } catch (RuntimeException e) {
            LOG.errorf(e, "Run %s was not launched; it is given back", claim.runId());
            returnLater(List.of(claim));
        }
    }

    /** Waits for runs whose tick has come and for which there is a place; an empty list says that this is to end. */
    private List<Claim> awaitStarts(RunLauncher runs) throws InterruptedException {
        lock.lock();
        try {
            long together = System.nanoTime() + TOGETHER_NANOS;
            while (running) {
                OptionalLong earliest = starts.earliest();
                long now = System.nanoTime();
                if (earliest.isEmpty()) {
                    sleepStarter(nextTick(now));
                    continue;
                }
                long untilTick = earliest.getAsLong() - now;
                long wait = Math.max(untilTick, Math.min(together - now, untilTick + TOGETHER_NANOS));
                if (wait > 0) {
                    sleepStarter(OptionalLong.of(now + wait));
                    continue;
                }
                if (nodes.sinceRenewal().compareTo(config.fenceAfter()) > 0) {
                    // Asleep for long, or without its database: others may have taken over what was claimed
                    unwanted.addAll(starts.removeAll());
                    changed.signal();
                    continue;
                }
                List<Claim> due = starts.take(now, runs.freeSlots());
                if (!due.isEmpty()) {
                    return due;
                }
                List<Claim> hopeless = starts.take(now - PATIENCE.toNanos(), Integer.MAX_VALUE);
                if (!hopeless.isEmpty()) {
                    unwanted.addAll(hopeless);
                    changed.signal();
                }
                placeWanted = true;
                startable.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    /** When the next run may have to start: by then it will have been claimed, and nobody need wake the starting thread for it. */
    private OptionalLong nextTick(long now) {
        Optional<Instant> earliest = claiming.isEmpty() ? timers.earliest() : Optional.empty();
        if (earliest.isEmpty()) {
            return OptionalLong.empty();
        }
        long tick = clock.nanoTimeAt(earliest.get());
        return tick - now > 0 ? OptionalLong.of(tick) : OptionalLong.empty();
    }

    /** Until that {@link System#nanoTime}, if there is one, unless woken. */
    private void sleepStarter(OptionalLong until) throws InterruptedException {
        starterSleepsUntil = until;
        if (until.isPresent()) {
            startable.awaitNanos(until.getAsLong() - System.nanoTime());
        } else {
            startable.await();
        }
        starterSleepsUntil = OptionalLong.empty();
    }

    /** A job that another node prefers is asked for when that one has had its time; never ahead. */
    private Duration delay(UUID job) {
        return nodes.prefers(job) ? Duration.ZERO : config.affinityGrace().plus(config.claimAhead());
    }
}
