package io.asyncjobs.schedule;

import io.asyncjobs.platform.DatabaseFaults;
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
import java.util.stream.Stream;

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

    /** A claim takes some milliseconds; one that takes so long makes this node not ready. */
    private static final Duration SLOW_CLAIM = Duration.ofSeconds(1);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
    private static final int MOST_AT_ONCE = 1_000;

    /** A claim of so few jobs takes some milliseconds: it may be sent later, and then finds more. */
    private static final int FEW = 16;

    /** How long before the first tick jobs are asked for, as parts of what may be claimed ahead: when few, and when many. */
    private static final int LEAD_OF_FEW = 8;

    private static final int LEAD_OF_MANY = 2;

    /** Ticks that follow each other faster than this start together: waking up costs more than a start. */
    private static final long TOGETHER_NANOS = 2_000_000;

    /** A heartbeat moves the node's estimate of the database's time by about so much: no reason to wake anybody. */
    private static final long JITTER_NANOS = 1_000_000;

    /** What the claiming thread does next. */
    sealed interface ClaimStep {

        /** Give these claims back, then call {@link #gaveBack} or {@link #giveBackFailed}. */
        record GiveBack(List<Claim> claims) implements ClaimStep {}

        /**
         * Ask the database for these jobs, then call {@link #claimed}.
         *
         * @param preferred jobs that this node asks for first
         * @param others jobs that another node asks for first, and that nearly always are claimed by now
         * @param horizon a tick that is older does not run any more
         */
        record Ask(List<UUID> preferred, List<UUID> others, Duration horizon) implements ClaimStep {

            /** All of them. */
            List<UUID> jobs() {
                return Stream.concat(preferred.stream(), others.stream()).toList();
            }
        }

        /** Wait for so long, unless woken. */
        record Wait(long nanos) implements ClaimStep {}
    }

    /** What the starting thread does next. */
    sealed interface StartStep {

        /** Start these runs. */
        record Start(List<Claim> claims) implements StartStep {}

        /** Wait until that {@link System#nanoTime} if there is one, unless woken. */
        record Wait(OptionalLong until) implements StartStep {}
    }

    private final ScheduleConfig config;
    private final Predicate<UUID> prefers;

    private final TimerQueue timers = new TimerQueue();
    private final StartQueue starts = new StartQueue();
    private final Pace pace = new Pace();

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

    private boolean fenced;
    private boolean failing;
    /** How many jobs are asked for at most: fewer after a claim that the database did not complete in time. */
    private int atMost = MOST_AT_ONCE;
    /** The nanoTime of a claim that the database has not answered yet. */
    private OptionalLong askingSince = OptionalLong.empty();
    /** Since when claims have been possible without a break. */
    private Instant ableSince = Instant.EPOCH;

    /** @param prefers whether this node asks for a job's ticks first; the answer changes with the nodes that live */
    DispatchState(ScheduleConfig config, Predicate<UUID> prefers) {
        this.config = config;
        this.prefers = prefers;
    }

    // ---- What to do next ----

    /** @param freeSlots how many more runs could start now; asked only where it matters */
    ClaimStep nextClaim(Moment now, IntSupplier freeSlots) {
        claimerSleepsUntil = Instant.MIN;
        if (fenced) {
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
        int most = Math.min(atMost, freeSlots.getAsInt() + backlog - starts.size());
        if (most <= 0 || most < Math.min(backlog, atMost) / 4) {
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
        askingSince = OptionalLong.of(now.nanoTime());
        return new ClaimStep.Ask(preferred, others, horizon(now));
    }

    /** For so long, or until something is given back again. */
    private ClaimStep claimerWait(long nanos, Moment now) {
        return new ClaimStep.Wait(unwanted.isEmpty() ? nanos : Math.min(nanos, untilGiveBack(now)));
    }

    private long untilGiveBack(Moment now) {
        return giveBackAgainAt.isEmpty() ? 0 : giveBackAgainAt.getAsLong() - now.nanoTime();
    }

    /** A tick that waited for a slot runs late; one that fell due more than a lease ago in an outage does not run. */
    private Duration horizon(Moment now) {
        return failing
                ? config.leaseDuration()
                : Duration.between(ableSince, now.at()).plus(config.leaseDuration());
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
        List<Claim> hopeless = starts.take(nano - PATIENCE.toNanos(), Integer.MAX_VALUE);
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
        ableSince = now.at();
    }

    /**
     * The database answered an {@link ClaimStep.Ask}, or did not.
     *
     * @return whether this is the first claim that failed after those that did not
     */
    boolean claimed(ClaimStep.Ask asked, Claims.Answer answer, Moment now) {
        askingSince = OptionalLong.empty();
        boolean failedFirst = false;
        if (answer.failure() != null) {
            failedFirst = !failing;
            failing = true;
            postpone(answer.open(), answer.failure(), now);
        } else {
            atMost = Math.min(MOST_AT_ONCE, atMost * 2);
            if (failing) {
                failing = false;
                ableSince = now.at();
            }
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
        if (fenced || withdrawnMeanwhile.contains(claim.jobId())) {
            unwanted.add(claim);
        } else {
            long tick = now.nanoTimeAt(claim.scheduledFor());
            starts.add(claim, tick - now.nanoTime() > 0 ? tick : now.nanoTime());
        }
    }

    private void postpone(List<UUID> open, RuntimeException why, Moment now) {
        if (DatabaseFaults.isOfWaiting(why)) {
            atMost = Math.max(1, open.size() / 2);
        }
        Instant again = now.at().plus(RETRY_AFTER_FAILURE).plus(config.claimAhead());
        for (UUID job : open) {
            timers.postpone(job, again);
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
        wakeClaimer = true;
    }

    /** While fenced, nothing is claimed and nothing starts. */
    void fenced(boolean on, Moment now) {
        fenced = on;
        if (on) {
            unwanted.addAll(starts.removeAll());
        } else {
            ableSince = now.at();
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
        if (fenced) {
            return Optional.of("This node has lost contact with the database.");
        }
        if (failing) {
            return Optional.of("Claims fail; the log has more.");
        }
        if (askingSince.isPresent() && now.nanoTime() - askingSince.getAsLong() > SLOW_CLAIM.toNanos()) {
            return Optional.of("The database does not answer a claim.");
        }
        return Optional.empty();
    }

    /** A job that another node prefers is asked for when that one has had its time; never ahead. */
    private Duration delay(UUID job) {
        return prefers.test(job) ? Duration.ZERO : config.affinityGrace().plus(config.claimAhead());
    }
}
