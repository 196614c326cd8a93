package io.asyncjobs.schedule;

import io.asyncjobs.platform.Moment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/**
 * Decides what a node claims and starts next. It has no thread, lock, clock or database: each question and each event brings
 * the time, so the same calls give the same answers.
 *
 * <p>An event may leave a thread to be woken: {@link #takeClaimerWake} and {@link #takeStarterWake} tell which. Not
 * thread-safe: the {@link Dispatcher} guards it.
 */
final class DispatchState {

    /** Claims that may wait for a slot beyond the free ones, in runs that the workers ended of late. */
    private static final Duration WAIT_FOR_PLACE = Duration.ofMillis(200);

    /** A claimed run that finds no slot for so long after its tick is given back: another node may have one. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final Duration RETRY_AFTER_FAILURE = Duration.ofMillis(250);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    /** A claim of so few jobs takes some milliseconds: it may be sent later, and then finds more. */
    private static final int FEW = 16;

    /** How long before the first tick jobs are asked for, as parts of what may be claimed ahead: when few, and when many. */
    private static final int LEAD_OF_FEW = 8;

    private static final int LEAD_OF_MANY = 2;

    /** Ticks that follow each other faster than this start together: waking up costs more than a start. */
    private static final long TOGETHER_NANOS = 2_000_000;

    /** A heartbeat moves the node's estimate of the database's time by about so much: no reason to wake anybody. */
    private static final long JITTER_NANOS = 1_000_000;

    private final ScheduleConfig config;
    private final Predicate<UUID> prefers;

    private final TimerQueue timers = new TimerQueue();
    private final StartQueue starts = new StartQueue();
    private final Pace pace = new Pace();
    private final ClaimHealth health = new ClaimHealth();

    /** The jobs of the claim under way. */
    private final Set<UUID> claiming = new HashSet<>();
    /** Those of them whose claims must not start any more. */
    private final Set<UUID> withdrawnMeanwhile = new HashSet<>();
    /** Jobs that this node asked for first and did not get: their rows may be damaged. */
    private final Set<UUID> suspects = new HashSet<>();
    /** Claims to give back as soon as the database can be asked. */
    private final List<Claim> unwanted = new ArrayList<>();
    /** The nanoTime at which a give-back that failed is tried again; claims go on meanwhile. */
    private OptionalLong giveBackAgainAt = OptionalLong.empty();

    /** How many jobs the last claim asked for. */
    private int lastAsked;
    /** Until when the claiming thread sleeps unless woken; in the past while it does not. */
    private Instant claimerSleepsUntil = Instant.MIN;
    /** The nanoTime until which the starting thread sleeps unless woken, while it does. */
    private OptionalLong starterSleepsUntil = OptionalLong.empty();
    /** Whether the starting thread waits for a slot. */
    private boolean slotWanted;
    /** The nanoTime up to which a tick waits for the next one; empty until the starting thread asks again. */
    private OptionalLong togetherUntil = OptionalLong.empty();

    private boolean wakeClaimer;
    private boolean wakeStarter;

    /** @param prefers whether this node asks for a job's ticks first; the answer changes with the nodes that live */
    DispatchState(ScheduleConfig config, Predicate<UUID> prefers) {
        this.config = config;
        this.prefers = prefers;
    }

    // ---- What to do next ----

    /** @param freeSlots how many more runs could start now; asked only where it matters */
    ClaimStep nextClaim(Moment now, IntSupplier freeSlots) {
        claimerSleepsUntil = Instant.MIN;
        if (health.isFenced()) {
            return new ClaimStep.Wait(Long.MAX_VALUE);
        }
        if (!unwanted.isEmpty() && untilGiveBack(now) <= 0) {
            List<Claim> back = List.copyOf(unwanted);
            unwanted.clear();
            return new ClaimStep.GiveBack(back);
        }
        Optional<Instant> earliest = timers.earliest();
        if (earliest.isEmpty()) {
            claimerSleepsUntil = Instant.MAX;
            return claimerWait(Long.MAX_VALUE, now);
        }
        // What falls due soon waits for what falls due a little later, so that they are claimed together
        Duration ahead = config.claimAhead();
        Instant askAt = earliest.get().minus(ahead.dividedBy(lastAsked <= FEW ? LEAD_OF_FEW : LEAD_OF_MANY));
        if (askAt.isAfter(now.at())) {
            claimerSleepsUntil = earliest.get();
            return claimerWait(Duration.between(now.at(), askAt).toNanos(), now);
        }
        int backlog = pace.within(WAIT_FOR_PLACE.toNanos(), now.nanoTime());
        int most = Math.min(health.atMost(), freeSlots.getAsInt() + backlog - starts.size());
        if (most <= 0 || most < Math.min(backlog, health.atMost()) / 4) {
            // Nobody tells how many slots are free by now: that would be one message for each run
            return new ClaimStep.Wait(LOOK_AGAIN.toNanos());
        }
        return ask(timers.take(now.at().plus(ahead), most), now);
    }

    private ClaimStep ask(List<UUID> due, Moment now) {
        List<UUID> preferred = new ArrayList<>();
        List<UUID> others = new ArrayList<>();
        for (UUID job : due) {
            (prefers.test(job) ? preferred : others).add(job);
        }
        lastAsked = due.size();
        claiming.addAll(due);
        health.asking(now);
        return new ClaimStep.Ask(preferred, others, health.horizon(config.leaseDuration(), now));
    }

    /** For so long, or until something is given back again. */
    private ClaimStep claimerWait(long nanos, Moment now) {
        return new ClaimStep.Wait(unwanted.isEmpty() ? nanos : Math.min(nanos, untilGiveBack(now)));
    }

    private long untilGiveBack(Moment now) {
        return giveBackAgainAt.isEmpty() ? 0 : giveBackAgainAt.getAsLong() - now.nanoTime();
    }

    /**
     * What starts now: runs whose tick has come and for which there is a slot.
     *
     * @param freeSlots how many more runs could start now; asked only where it matters
     * @param sinceRenewal how old the node's last acknowledged heartbeat is
     */
    StartStep nextStart(Moment now, IntSupplier freeSlots, Duration sinceRenewal) {
        starterSleepsUntil = OptionalLong.empty();
        long nano = now.nanoTime();
        if (togetherUntil.isEmpty()) {
            togetherUntil = OptionalLong.of(nano + TOGETHER_NANOS);
        }
        if (sinceRenewal.compareTo(config.fenceAfter()) > 0 && starts.size() > 0) {
            // Asleep for long, or without its database: others may have taken over what was claimed
            returned(starts.removeAll());
        }
        OptionalLong earliest = starts.earliest();
        if (earliest.isEmpty()) {
            return starterWait(nextTick(now));
        }
        long untilTick = earliest.getAsLong() - nano;
        long wait = Math.max(untilTick, Math.min(togetherUntil.getAsLong() - nano, untilTick + TOGETHER_NANOS));
        if (wait > 0) {
            return starterWait(OptionalLong.of(nano + wait));
        }
        List<Claim> due = starts.take(nano, freeSlots.getAsInt());
        if (!due.isEmpty()) {
            togetherUntil = OptionalLong.empty();
            return new StartStep.Start(due);
        }
        List<Claim> hopeless = starts.takePassedOver(nano - PATIENCE.toNanos());
        if (!hopeless.isEmpty()) {
            returned(hopeless);
        }
        slotWanted = true;
        return new StartStep.Wait(OptionalLong.of(nano + LOOK_AGAIN.toNanos()));
    }

    private StartStep starterWait(OptionalLong until) {
        starterSleepsUntil = until;
        return new StartStep.Wait(until);
    }

    /** When the next run may have to start: it will be claimed by then, and nobody need wake the starting thread for it. */
    private OptionalLong nextTick(Moment now) {
        Optional<Instant> earliest = claiming.isEmpty() ? timers.earliest() : Optional.empty();
        if (earliest.isEmpty()) {
            return OptionalLong.empty();
        }
        long tick = now.nanoTimeAt(earliest.get());
        return tick - now.nanoTime() > 0 ? OptionalLong.of(tick) : OptionalLong.empty();
    }

    // ---- What has happened ----

    /** The node has joined. */
    void started(Moment now) {
        health.started(now);
    }

    /**
     * The database answered an {@link ClaimStep.Ask}, or did not.
     *
     * @return whether this is the first claim that failed after those that did not
     */
    boolean claimed(ClaimStep.Ask asked, Claims.Answer answer, Moment now) {
        boolean failedFirst = health.answered(answer, now);
        if (answer.failure() != null) {
            Instant again = now.at().plus(RETRY_AFTER_FAILURE).plus(config.claimAhead());
            answer.open().forEach(job -> timers.postpone(job, again));
        }
        answer.won().forEach(claim -> won(claim, now));
        claiming.clear();
        withdrawnMeanwhile.clear();
        wakeStarterUnlessInTime();
        Set<UUID> settled = new HashSet<>(answer.open());
        answer.won().forEach(claim -> settled.add(claim.jobId()));
        asked.preferred().stream().filter(job -> !settled.contains(job)).forEach(suspects::add);
        for (UUID job : answer.stillDue()) {
            settled.add(job);
            timers.postpone(job, now.at().plus(RETRY_AFTER_FAILURE));
        }
        for (UUID job : asked.jobs()) {
            if (!settled.contains(job)) {
                timers.retry(job, now.at(), config.affinityGrace(), delay(job));
            }
        }
        return failedFirst;
    }

    private void won(Claim claim, Moment now) {
        if (health.isFenced() || withdrawnMeanwhile.contains(claim.jobId())) {
            unwanted.add(claim);
        } else {
            long tick = now.nanoTimeAt(claim.scheduledFor());
            starts.add(claim, tick - now.nanoTime() > 0 ? tick : now.nanoTime());
        }
    }

    private void wakeStarterUnlessInTime() {
        OptionalLong earliest = starts.earliest();
        if (earliest.isPresent()
                && (starterSleepsUntil.isEmpty()
                        || earliest.getAsLong() - starterSleepsUntil.getAsLong() < -JITTER_NANOS)) {
            wakeStarter = true;
        }
    }

    /** These claims were given back, except for those that are still held because somebody has their rows locked. */
    void gaveBack(List<Claim> claims, List<Claim> stillHeld, Moment now) {
        Set<Claim> held = Set.copyOf(stillHeld);
        for (Claim claim : claims) {
            if (!held.contains(claim)) {
                timers.restore(claim.jobId(), claim.scheduledFor(), delay(claim.jobId()));
            }
        }
        giveBackLater(stillHeld, now);
        wakeClaimer = true;
    }

    /** These claims could not be given back. */
    void giveBackFailed(List<Claim> claims, Moment now) {
        giveBackLater(claims, now);
        wakeClaimer = true;
    }

    private void giveBackLater(List<Claim> claims, Moment now) {
        unwanted.addAll(claims);
        if (!claims.isEmpty()) {
            giveBackAgainAt = OptionalLong.of(now.nanoTime() + RETRY_AFTER_FAILURE.toNanos());
        }
    }

    /** These claims do not start: they are to be given back. */
    void returned(List<Claim> claims) {
        unwanted.addAll(claims);
        wakeClaimer = true;
    }

    /** A run has ended and left its slot, whether or not its end is committed. */
    void slotFreed(Moment now) {
        pace.ended(now.nanoTime());
        if (slotWanted) {
            slotWanted = false;
            wakeStarter = true;
        }
    }

    /** The end of a run of that job is committed: the job may be claimed again. */
    void released(UUID job, Instant ended) {
        timers.release(job, ended, delay(job));
        if (timers.earliest().orElse(Instant.MAX).isBefore(claimerSleepsUntil)) {
            wakeClaimer = true;
        }
    }

    /** Takes over timers as read; with {@code complete} they are all there are. */
    void reconciled(List<TimerRepository.Row> rows, boolean complete) {
        Set<UUID> active = new HashSet<>();
        for (TimerRepository.Row row : rows) {
            UUID job = row.timer().jobId();
            if (row.nextTick() != null) {
                active.add(job);
                timers.put(row.timer(), row.nextTick(), delay(job));
            } else {
                remove(job);
            }
        }
        if (complete) {
            timers.jobs().stream().filter(job -> !active.contains(job)).forEach(this::remove);
        }
        wakeClaimer = true;
    }

    private void remove(UUID job) {
        timers.remove(job);
        starts.forget(job);
    }

    /** While fenced, nothing is claimed and nothing starts. */
    void fenced(boolean on, Moment now) {
        health.fenced(on, now);
        if (on) {
            unwanted.addAll(starts.removeAll());
        }
        wakeClaimer = true;
    }

    /** The job has changed: a claim of it that has not started is given back. */
    void withdraw(UUID job) {
        if (claiming.contains(job)) {
            withdrawnMeanwhile.add(job);
        }
        takeClaim(job).ifPresent(claim -> returned(List.of(claim)));
    }

    /** As {@link #withdraw}, of all jobs. */
    void withdrawAll() {
        withdrawnMeanwhile.addAll(claiming);
        returned(starts.removeAll());
    }

    /** Takes the job's claim that has not started; the caller gives it back. */
    Optional<Claim> takeClaim(UUID job) {
        return Optional.ofNullable(starts.remove(job));
    }

    /** Takes all claims that have not started; the caller gives them back. */
    List<Claim> takeAllClaims() {
        List<Claim> all = new ArrayList<>(unwanted);
        all.addAll(starts.removeAll());
        unwanted.clear();
        return all;
    }

    // ---- What others may know ----

    /** Whether the claiming thread has to look again, since the last call. */
    boolean takeClaimerWake() {
        boolean wake = wakeClaimer;
        wakeClaimer = false;
        return wake;
    }

    /** Whether the starting thread has to look again, since the last call. */
    boolean takeStarterWake() {
        boolean wake = wakeStarter;
        wakeStarter = false;
        return wake;
    }

    /** The timers in memory. */
    TimerTally tally() {
        return TimerTally.of(timers.timers());
    }

    boolean hasSuspects() {
        return !suspects.isEmpty();
    }

    /** The jobs that were asked for in vain since the last call. */
    Set<UUID> takeSuspects() {
        Set<UUID> taken = Set.copyOf(suspects);
        suspects.clear();
        return taken;
    }

    /** Why this node claims nothing at present; empty while it does or could. */
    Optional<String> trouble(Moment now) {
        return health.trouble(now);
    }

    /** A job that another node prefers is asked for when that one has had its time; never ahead. */
    private Duration delay(UUID job) {
        return prefers.test(job) ? Duration.ZERO : config.affinityGrace().plus(config.claimAhead());
    }
}
