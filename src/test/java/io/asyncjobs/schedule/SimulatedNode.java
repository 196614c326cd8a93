package io.asyncjobs.schedule;

import io.asyncjobs.platform.Clock;
import io.asyncjobs.platform.Moment;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A node in a {@link Simulation}: the service's own {@link DispatchState}, {@link Fence} and {@link Holdings}, and its threads
 * as events. A new process is a new object.
 */
final class SimulatedNode implements Clock {

    private static final long MILLI = 1_000_000L;
    private static final long HEARTBEAT_PATIENCE = 1_500 * MILLI;
    private static final long STATEMENT_PATIENCE = 3_000 * MILLI;
    private static final long WATCH = 100 * MILLI;
    private static final long LOOK_FOR_LOST = 4_000 * MILLI;
    private static final long CHECK = 60_000 * MILLI;
    private static final long RETRY = 250 * MILLI;
    private static final int SLOTS = 6;
    private static final int MOST_ENDS = 50;

    private final Simulation world;
    private final SimulatedDatabase.Access database;
    private final ScheduleConfig config;
    final int number;
    private boolean running;
    private boolean dead;
    private boolean fenced;
    /** Whether the last heartbeat failed. */
    private boolean silent;
    /** The process is stopped until then; what happens to it waits. */
    long stoppedUntil;
    /** What its clock gains in a second, in nanoseconds. */
    private final long drift;
    /** By how much its estimate of the database's time is off. */
    private long clockError;

    private final Fence fence;
    private final Holdings holdings;
    private final DispatchState state;

    private boolean claimerBusy;
    private int claimerLook;
    private int starterLook;
    private boolean recorderBusy;
    private boolean lookingForLost;
    private long lookedForLost;
    private boolean reading;
    private boolean readAgain;
    private boolean leaving;

    private static final class Run {
        final Claim claim;
        /** The job's state as the run read it. */
        final int read;

        boolean over;

        Run(Claim claim, int read) {
            this.claim = claim;
            this.read = read;
        }
    }

    private final Map<UUID, Run> inFlight = new HashMap<>();
    private final Deque<Run> ended = new ArrayDeque<>();
    private final Map<UUID, Completion> completions = new HashMap<>();
    private int inSlots;
    /** How many ends are written at once: one after a write that failed. */
    private int endsAtOnce = MOST_ENDS;

    SimulatedNode(Simulation world, SimulatedDatabase database, ScheduleConfig config, int number) {
        this.world = world;
        this.config = config;
        this.number = number;
        this.drift = world.between(-100_000, 100_000);
        this.fence = new Fence(config, this);
        this.holdings = new Holdings(fence);
        this.database = database.access(this, fence, holdings);
        this.state = new DispatchState(config, this.database::prefers);
        this.lookedForLost = world.now();
    }

    // ---- Clocks ----

    @Override
    public Moment moment() {
        return new Moment(SimulatedTables.at(world.now() + clockError).truncatedTo(ChronoUnit.MICROS), elapsedNanos());
    }

    @Override
    public long elapsedNanos() {
        long now = world.now();
        return now + (long) (now / 1e9 * drift);
    }

    @Override
    public void observe(Instant answered, long sent, long received) {
        clockError = world.between(-2 * MILLI, 2 * MILLI);
    }

    // ---- Life ----

    void join() {
        call(
                HEARTBEAT_PATIENCE,
                done(database::register),
                joined -> {
                    running = true;
                    state.started(moment());
                    read();
                    lookClaimer(0);
                    lookStarter(0);
                    after(config.heartbeatEvery().toNanos(), this::renew);
                    after(CHECK, this::check);
                    watch();
                },
                failed -> after(RETRY, this::join));
    }

    /** The process is gone. */
    void kill() {
        dead = true;
        running = false;
    }

    boolean isDead() {
        return dead;
    }

    boolean isUp() {
        return running && !leaving;
    }

    /** What SIGTERM asks for. */
    void leave() {
        leaving = true;
        leaveWhenIdle();
    }

    private void leaveWhenIdle() {
        if (claimerBusy) {
            after(MILLI, this::leaveWhenIdle);
            return;
        }
        List<Claim> left = state.takeAllClaims();
        call(STATEMENT_PATIENCE, () -> database.giveBack(left), unused -> announce(), failed -> announce());
    }

    private void announce() {
        call(
                HEARTBEAT_PATIENCE,
                done(database::announceLeaving),
                unused -> drain(world.now() + config.shutdownGrace().toNanos()),
                failed -> drain(world.now() + config.shutdownGrace().toNanos()));
    }

    private void drain(long deadline) {
        if (!inFlight.isEmpty() && world.now() < deadline) {
            after(50 * MILLI, () -> drain(deadline));
            return;
        }
        call(HEARTBEAT_PATIENCE, done(database::leave), unused -> kill(), failed -> kill());
    }

    // ---- Heartbeat ----

    private void renew() {
        renew(true);
    }

    private void renew(boolean again) {
        call(
                HEARTBEAT_PATIENCE,
                database::renew,
                beat -> {
                    heard(silent ? beat.afterSilence() : beat);
                    silent = false;
                    after(config.heartbeatEvery().toNanos(), this::renew);
                },
                failed -> {
                    if (again) {
                        renew(false);
                    } else {
                        silent = true;
                        after(config.heartbeatEvery().toNanos(), this::renew);
                    }
                });
    }

    private void heard(Beat beat) {
        if (!beat.renewed()) {
            state.withdrawAll();
            killAll();
            call(HEARTBEAT_PATIENCE, done(database::register), joined -> wake(), failed -> {});
            wake();
            return;
        }
        if (beat.nodeDied()) {
            holdings.lookForLost();
        }
        if (holdings.isInDoubt() || elapsedNanos() - lookedForLost >= LOOK_FOR_LOST) {
            endLost();
        }
        if (beat.asksForRound()) {
            read();
        }
        wake();
    }

    private void endLost() {
        if (lookingForLost) {
            return;
        }
        lookingForLost = true;
        call(
                STATEMENT_PATIENCE,
                () -> {
                    holdings.takeDoubt();
                    lookedForLost = elapsedNanos();
                    return database.endLost();
                },
                freed -> {
                    lookingForLost = false;
                    freed.forEach(job -> state.released(job, moment().at()));
                    wake();
                },
                failed -> {
                    lookingForLost = false;
                    holdings.lookForLost();
                });
    }

    private void watch() {
        boolean late = fence.sinceRenewal().compareTo(config.fenceAfter()) > 0;
        if (late != fenced) {
            fenced = late;
            state.fenced(late, moment());
            if (late) {
                killAll();
            }
            wake();
        }
        after(WATCH, this::watch);
    }

    // ---- Timers ----

    /** A job has changed, as this node hears. */
    void changed(UUID job) {
        state.withdraw(job);
        read();
        wake();
    }

    private void check() {
        read();
        after(CHECK, this::check);
    }

    /** Reads the timers, once more after a read that is under way. */
    void read() {
        if (reading) {
            readAgain = true;
            return;
        }
        reading = true;
        call(
                STATEMENT_PATIENCE,
                database::timers,
                rows -> {
                    reading = false;
                    state.reconciled(rows, true);
                    wake();
                    if (readAgain) {
                        readAgain = false;
                        read();
                    }
                },
                failed -> {
                    reading = false;
                    after(2 * RETRY, this::read);
                });
    }

    // ---- The claiming thread ----

    private void lookClaimer(long delay) {
        int look = ++claimerLook;
        after(delay, () -> {
            if (look == claimerLook) {
                claimerStep();
            }
        });
    }

    private void claimerStep() {
        if (claimerBusy || leaving) {
            return;
        }
        switch (state.nextClaim(moment(), this::freeSlots)) {
            case ClaimStep.Wait wait -> {
                if (wait.nanos() < Long.MAX_VALUE) {
                    lookClaimer(wait.nanos());
                }
            }
            case ClaimStep.GiveBack back -> {
                claimerBusy = true;
                call(
                        STATEMENT_PATIENCE,
                        () -> database.giveBack(back.claims()),
                        stillHeld -> claimerDone(() -> state.gaveBack(back.claims(), stillHeld, moment())),
                        failed -> claimerDone(() -> state.giveBackFailed(back.claims(), moment())));
            }
            case ClaimStep.Ask asked -> {
                claimerBusy = true;
                call(
                        STATEMENT_PATIENCE,
                        () -> claim(asked),
                        answer -> claimerDone(() -> state.claimed(asked, answer, moment())),
                        failed -> claimerDone(
                                () -> state.claimed(asked, Claims.Answer.failed(asked.jobs(), failed), moment())));
            }
        }
        wake();
    }

    private void claimerDone(Runnable tell) {
        claimerBusy = false;
        tell.run();
        wake();
        lookClaimer(0);
    }

    private Claims.Answer claim(ClaimStep.Ask asked) {
        List<UUID> jobs = new ArrayList<>(asked.preferred());
        if (!asked.others().isEmpty()) {
            jobs.addAll(database.overdue(asked.others()));
        }
        return jobs.isEmpty() ? Claims.Answer.nothing() : database.claim(jobs, asked.horizon());
    }

    // ---- The starting thread ----

    private void lookStarter(long delay) {
        int look = ++starterLook;
        after(delay, () -> {
            if (look == starterLook) {
                starterStep();
            }
        });
    }

    private void starterStep() {
        if (leaving) {
            return;
        }
        switch (state.nextStart(moment(), this::freeSlots, fence.sinceRenewal())) {
            case StartStep.Wait wait -> {
                if (wait.until().isPresent()) {
                    lookStarter(Math.max(0, wait.until().getAsLong() - elapsedNanos()));
                }
            }
            case StartStep.Start start -> {
                start.claims().forEach(this::launch);
                lookStarter(0);
            }
        }
        wake();
    }

    private int freeSlots() {
        return SLOTS - inSlots;
    }

    private void launch(Claim claim) {
        if (!holdings.mayAct(claim.runId())) {
            state.returned(List.of(claim));
            return;
        }
        Run run = new Run(claim, database.state(claim.jobId()));
        inFlight.put(claim.runId(), run);
        inSlots++;
        world.started(claim, number);
        long duration = world.runNanos();
        after(0, () -> act(run));
        after(duration / 2, () -> act(run));
        after(duration, () -> end(run));
    }

    /** Something that others see: a statement, a call over HTTP. */
    private void act(Run run) {
        if (!run.over && holdings.mayAct(run.claim.runId())) {
            world.acted(run.claim);
        }
    }

    private void end(Run run) {
        if (run.over) {
            return;
        }
        run.over = true;
        inSlots--;
        state.slotFreed(moment());
        Completion completion =
                new Completion(run.claim, moment().at(), moment().at(), RunOutcome.SUCCEEDED, null, null, null, false);
        completions.put(run.claim.runId(), completion);
        ended.add(run);
        record();
        wake();
    }

    private void killAll() {
        List.copyOf(inFlight.values()).forEach(this::end);
    }

    // ---- The recording thread ----

    private void record() {
        if (recorderBusy || ended.isEmpty()) {
            return;
        }
        recorderBusy = true;
        List<Run> batch = ended.stream().limit(endsAtOnce).toList();
        batch.forEach(ended::remove);
        call(
                STATEMENT_PATIENCE,
                () -> write(batch),
                written -> {
                    recorderBusy = false;
                    endsAtOnce = MOST_ENDS;
                    for (Run run : batch) {
                        UUID id = run.claim.runId();
                        holdings.forget(List.of(id));
                        inFlight.remove(id);
                        state.released(
                                run.claim.jobId(),
                                Objects.requireNonNull(completions.remove(id)).finishedAt());
                    }
                    wake();
                    record();
                },
                failed -> {
                    recorderBusy = false;
                    endsAtOnce = 1;
                    ended.addAll(batch);
                    after(RETRY, this::record);
                });
    }

    private Set<UUID> write(List<Run> batch) {
        List<Completion> done =
                batch.stream().map(run -> completions.get(run.claim.runId())).toList();
        Map<UUID, Integer> read = new HashMap<>();
        batch.forEach(run -> read.put(run.claim.runId(), run.read));
        return database.complete(done, read);
    }

    // ---- The world ----

    private static Supplier<Boolean> done(Runnable statement) {
        return () -> {
            statement.run();
            return true;
        };
    }

    private void wake() {
        if (state.takeClaimerWake() && !claimerBusy) {
            lookClaimer(0);
        }
        if (state.takeStarterWake()) {
            lookStarter(0);
        }
    }

    private void after(long delay, Runnable event) {
        world.after(this, delay, event);
    }

    private <T> void call(
            long patience, Supplier<T> statement, Consumer<T> answered, Consumer<RuntimeException> failed) {
        world.call(this, patience, statement, answered, failed);
    }
}
