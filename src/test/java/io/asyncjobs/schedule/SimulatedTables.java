package io.asyncjobs.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The tables that timers and leases live in, with what the statements of {@link Claims}, {@link LostLeases}, {@link Nodes} and
 * {@link TimerRepository} do to them. Each method is one statement. The tables note what must not happen while it happens.
 *
 * <p>Times are nanoseconds since {@link #EPOCH}.
 */
final class SimulatedTables implements SimulatedDatabase {

    static final Instant EPOCH = Instant.parse("2030-01-01T00:00:00Z");

    private static final long NONE = Long.MIN_VALUE;

    /** What is left out of the statements, to show that the checker sees it. */
    enum Mutation {
        /** Ends are written whether or not the run still holds its lease. */
        EPOCH_CHECK,
        /** Jobs are claimed although a run holds their lease. */
        LEASE_CONDITION,
        /** Claims are never given back. */
        GIVE_BACK
    }

    private static final class TimerRow {
        final UUID job;
        final long interval;
        final long firstTick;
        long basis;
        long nextTick;
        boolean paused;
        long epoch;

        @Nullable
        RunRow lease;

        /** Until then another transaction has the row locked. */
        long lockedUntil = NONE;
        /** How often runs of this job counted up the job's state. */
        int state;

        TimerRow(UUID job, long interval, long firstTick, long basis) {
            this.job = job;
            this.interval = interval;
            this.firstTick = firstTick;
            this.nextTick = firstTick;
            this.basis = basis;
        }

        long ticksUntil(long until) {
            return until < nextTick ? 0 : (until - nextTick) / interval + 1;
        }
    }

    private static final class RunRow {
        final UUID id;
        final UUID job;
        final long tick;
        final long epoch;
        final UUID node;

        RunRow(UUID id, UUID job, long tick, long epoch, UUID node) {
            this.id = id;
            this.node = node;
            this.job = job;
            this.tick = tick;
            this.epoch = epoch;
        }
    }

    private static final class NodeRow {
        final UUID id;
        final long startedAt;
        long heartbeatAt;
        boolean leaving;
        boolean ended;

        NodeRow(UUID id, long startedAt) {
            this.id = id;
            this.startedAt = startedAt;
            this.heartbeatAt = startedAt;
        }
    }

    private record Gap(UUID job, long firstTick, long ticks) {}

    private final Simulation world;
    private final @Nullable Mutation mutation;
    private final long leaseNanos;
    private final long aheadNanos;
    private final Map<UUID, TimerRow> timers = new LinkedHashMap<>();
    private final Map<UUID, RunRow> runs = new HashMap<>();
    private final Map<UUID, NodeRow> nodes = new LinkedHashMap<>();
    private final List<Gap> gaps = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();

    SimulatedTables(Simulation world, ScheduleConfig config, @Nullable Mutation mutation) {
        this.world = world;
        this.mutation = mutation;
        this.leaseNanos = config.leaseDuration().toNanos();
        this.aheadNanos = config.claimAhead().plusMillis(10).toNanos();
    }

    private TimerRow timer(UUID job) {
        return Objects.requireNonNull(timers.get(job));
    }

    private NodeRow node(UUID id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    static Instant at(long nanos) {
        return EPOCH.plusNanos(nanos);
    }

    static long nanos(Instant at) {
        return Duration.between(EPOCH, at).toNanos();
    }

    // ---- Jobs ----

    @Override
    public void addJob(UUID job, int intervalSeconds, Instant firstTick) {
        timers.put(job, new TimerRow(job, intervalSeconds * 1_000_000_000L, nanos(firstTick), world.now()));
    }

    @Override
    public void lock(UUID job, long nanos) {
        timer(job).lockedUntil = world.now() + nanos;
    }

    @Override
    public boolean pause(UUID job, boolean paused) {
        long now = world.now();
        TimerRow timer = timer(job);
        if (timer.lockedUntil > now || timer.paused == paused) {
            return false;
        }
        long due = timer.ticksUntil(now);
        boolean runsYet = due > 0 && !timer.paused && timer.lease == null && !paused;
        long missed = runsYet ? due - 1 : due;
        gap(timer, timer.nextTick, missed);
        timer.nextTick += missed * timer.interval;
        timer.paused = paused;
        timer.basis = now;
        return true;
    }

    private List<TimerRepository.Row> read() {
        List<TimerRepository.Row> rows = new ArrayList<>();
        for (TimerRow timer : timers.values()) {
            rows.add(new TimerRepository.Row(
                    new Timer(
                            timer.job,
                            at(timer.basis),
                            at(timer.firstTick),
                            Math.toIntExact(timer.interval / 1_000_000_000L)),
                    timer.paused ? null : at(timer.nextTick),
                    false,
                    false));
        }
        return rows;
    }

    // ---- Nodes ----

    private List<UUID> register(UUID node, long now) {
        nodes.put(node, new NodeRow(node, now));
        return live();
    }

    private Beat renew(UUID node, long now) {
        NodeRow self = node(node);
        boolean renewed = !self.ended;
        if (renewed) {
            self.heartbeatAt = now;
        }
        boolean died = nodes.values().stream()
                .anyMatch(other -> other != self && !other.ended && other.heartbeatAt < now - leaseNanos);
        boolean changed = timers.values().stream().anyMatch(timer -> timer.basis >= now - Reconciler.OVERLAP.toNanos());
        return new Beat(at(now), renewed, live(), died, false, changed, false);
    }

    private void announceLeaving(UUID node) {
        node(node).leaving = true;
    }

    private void leave(UUID node) {
        node(node).ended = true;
    }

    private List<UUID> live() {
        return nodes.values().stream()
                .filter(node -> !node.ended && !node.leaving)
                .map(node -> node.id)
                .toList();
    }

    private boolean isAlive(UUID id, long now) {
        NodeRow node = node(id);
        return !node.ended && node.heartbeatAt >= now - leaseNanos;
    }

    // ---- Claims ----

    private List<Claim> claim(UUID node, List<UUID> jobs, List<UUID> ids, Duration horizon, long now) {
        List<Claim> won = new ArrayList<>();
        if (!isAlive(node, now)) {
            return won;
        }
        long upSince = nodes.values().stream()
                .filter(other -> isAlive(other.id, now))
                .mapToLong(other -> other.startedAt)
                .min()
                .orElse(now);
        for (int i = 0; i < jobs.size(); i++) {
            TimerRow timer = timer(jobs.get(i));
            boolean held = timer.lease != null && mutation != Mutation.LEASE_CONDITION;
            long ticks = timer.ticksUntil(now + aheadNanos);
            if (timer.lockedUntil > now || held || timer.paused || ticks == 0) {
                continue;
            }
            long latest = timer.nextTick + (ticks - 1) * timer.interval;
            boolean starts = latest >= Math.max(upSince, now - horizon.toNanos());
            gap(timer, timer.nextTick, starts ? ticks - 1 : ticks);
            timer.nextTick = latest + timer.interval;
            if (starts) {
                timer.epoch++;
                RunRow run = new RunRow(ids.get(i), timer.job, latest, timer.epoch, node);
                runs.put(run.id, run);
                timer.lease = run;
                won.add(new Claim(run.id, timer.job, 1, timer.epoch, RunTrigger.TIMER, at(latest), null));
            }
        }
        return won;
    }

    private List<UUID> overdue(List<UUID> jobs, long now) {
        List<UUID> overdue = new ArrayList<>();
        for (UUID job : jobs) {
            TimerRow timer = timer(job);
            if (timer.lease == null && !timer.paused && timer.nextTick <= now + aheadNanos) {
                overdue.add(job);
            }
        }
        return overdue;
    }

    /** Returns the claims that are still held, since their rows are locked. */
    private List<Claim> giveBack(List<Claim> claims, long now) {
        List<Claim> stillHeld = new ArrayList<>();
        for (Claim claim : claims) {
            TimerRow timer = timer(claim.jobId());
            if (!isHeld(timer, claim)) {
                continue;
            }
            if (timer.lockedUntil > now) {
                stillHeld.add(claim);
                continue;
            }
            long tick = nanos(claim.scheduledFor());
            timer.lease = null;
            runs.remove(claim.runId());
            if (timer.nextTick == tick + timer.interval) {
                timer.nextTick = tick;
            } else if (tick <= timer.basis) {
                gap(timer, tick, 1);
            }
        }
        return stillHeld;
    }

    private boolean isAnyLocked(List<Completion> done, long now) {
        return done.stream().anyMatch(one -> timer(one.claim().jobId()).lockedUntil > now);
    }

    /** Ends runs; each counts up its job's state, from what it was when the run began. Returns those that still held. */
    private Set<UUID> complete(List<Completion> done, Map<UUID, Integer> read) {
        Set<UUID> held = new TreeSet<>();
        for (Completion one : done) {
            Claim claim = one.claim();
            TimerRow timer = timer(claim.jobId());
            if (!isHeld(timer, claim)) {
                if (mutation != Mutation.EPOCH_CHECK) {
                    continue;
                }
                violations.add("stale write: run " + claim.runId() + " wrote after it had lost its lease");
            }
            if (timer.lease != null && timer.lease.id.equals(claim.runId())) {
                long ticks = timer.paused ? 0 : timer.ticksUntil(nanos(one.finishedAt()));
                gap(timer, timer.nextTick, ticks);
                timer.nextTick += ticks * timer.interval;
                timer.lease = null;
            }
            int known = Objects.requireNonNull(read.get(claim.runId()));
            if (known != timer.state) {
                violations.add(
                        "lost update: run %s read state %d and found %d".formatted(claim.runId(), known, timer.state));
            }
            timer.state++;
            held.add(claim.runId());
        }
        return held;
    }

    private static boolean isHeld(TimerRow timer, Claim claim) {
        return timer.epoch == claim.epoch() && timer.lease != null && timer.lease.id.equals(claim.runId());
    }

    /** Ends the leases of dead nodes, and those of this node that it does not know; returns the jobs that are free again. */
    private List<UUID> endLost(UUID self, Holdings holdings, long now) {
        for (NodeRow node : nodes.values()) {
            node.ended |= node.heartbeatAt < now - leaseNanos;
        }
        List<UUID> freed = new ArrayList<>();
        for (TimerRow timer : timers.values()) {
            RunRow run = timer.lease;
            if (run == null || timer.lockedUntil > now) {
                continue;
            }
            boolean lost = (self.equals(run.node) ? !holdings.holds(run.id) : !isAlive(run.node, now));
            if (!lost) {
                continue;
            }
            long ticks = timer.paused ? 0 : timer.ticksUntil(now);
            gap(timer, timer.nextTick, ticks);
            timer.nextTick += ticks * timer.interval;
            timer.epoch++;
            timer.lease = null;
            holdings.forget(List.of(run.id));
            freed.add(timer.job);
        }
        return freed;
    }

    private void gap(TimerRow timer, long firstTick, long ticks) {
        if (ticks > 0) {
            gaps.add(new Gap(timer.job, firstTick, ticks));
        }
    }

    // ---- The ledger ----

    @Override
    public List<String> check(Duration patience) {
        long now = world.now();
        List<String> found = new ArrayList<>(violations);
        Map<UUID, Map<Long, Integer>> told = new HashMap<>();
        for (RunRow run : runs.values()) {
            told.computeIfAbsent(run.job, unused -> new HashMap<>()).merge(run.tick, 1, Integer::sum);
        }
        for (Gap gap : gaps) {
            TimerRow timer = timer(gap.job);
            for (long i = 0; i < gap.ticks; i++) {
                told.computeIfAbsent(gap.job, unused -> new HashMap<>())
                        .merge(gap.firstTick + i * timer.interval, 1, Integer::sum);
            }
        }
        for (TimerRow timer : timers.values()) {
            Map<Long, Integer> ticks = told.getOrDefault(timer.job, Map.of());
            long expected = (timer.nextTick - timer.firstTick) / timer.interval;
            for (long tick = timer.firstTick; tick < timer.nextTick; tick += timer.interval) {
                int times = ticks.getOrDefault(tick, 0);
                if (times != 1) {
                    found.add("job %s: tick %s is told of %d times".formatted(timer.job, at(tick), times));
                }
            }
            if (ticks.size() > expected) {
                found.add("job %s: %d ticks are told of, and %d fell due".formatted(timer.job, ticks.size(), expected));
            }
            if (!timer.paused && timer.nextTick < now - patience.toNanos()) {
                found.add("job %s does not go on: its next tick is %s, its lease is %s"
                        .formatted(timer.job, at(timer.nextTick), timer.lease == null ? "free" : "held"));
            }
            if (timer.lease != null && !isAlive(timer.lease.node, now)) {
                found.add("job %s: the lease of run %s is that of a dead node".formatted(timer.job, timer.lease.id));
            }
        }
        return found;
    }

    // ---- What a process sees of them ----

    @Override
    public Access access(SimulatedNode node, Fence fence, Holdings holdings) {
        return new TablesAccess(node, fence, holdings);
    }

    /** As {@link Nodes}, {@link Claims} and {@link LostLeases} do it. */
    private final class TablesAccess implements Access {

        private final SimulatedNode node;
        private final Fence fence;
        private final Holdings holdings;
        private UUID id = world.newId();
        private List<UUID> live = List.of();

        TablesAccess(SimulatedNode node, Fence fence, Holdings holdings) {
            this.node = node;
            this.fence = fence;
            this.holdings = holdings;
        }

        @Override
        public void register() {
            UUID fresh = world.newId();
            live = world.statement(() -> SimulatedTables.this.register(fresh, world.now()));
            fence.joined(node.elapsedNanos());
            id = fresh;
        }

        @Override
        public Beat renew() {
            UUID self = id;
            Beat beat = world.statement(() -> SimulatedTables.this.renew(self, world.now()));
            if (beat.renewed()) {
                node.observe(beat.at(), 0, 0);
                fence.renewed(node.elapsedNanos());
                live = beat.live();
            }
            return beat;
        }

        @Override
        public boolean prefers(UUID job) {
            return Nodes.prefers(id, live, job);
        }

        @Override
        public void announceLeaving() {
            SimulatedTables.this.announceLeaving(id);
        }

        @Override
        public void leave() {
            SimulatedTables.this.leave(id);
        }

        @Override
        public List<TimerRepository.Row> timers() {
            return world.statement(SimulatedTables.this::read);
        }

        @Override
        public List<UUID> overdue(List<UUID> jobs) {
            return SimulatedTables.this.overdue(jobs, world.now());
        }

        @Override
        public Claims.Answer claim(List<UUID> jobs, Duration horizon) {
            List<UUID> asked = jobs.stream().map(unused -> world.newId()).toList();
            UUID self = id;
            holdings.asking(asked);
            List<Claim> won;
            try {
                won = world.statement(() -> SimulatedTables.this.claim(self, jobs, asked, horizon, world.now()));
            } catch (Simulation.Failure e) {
                holdings.loseTrack(asked);
                return Claims.Answer.failed(jobs, e);
            }
            Set<UUID> notWon = new HashSet<>(asked);
            Set<UUID> rest = new LinkedHashSet<>(jobs);
            for (Claim claim : won) {
                notWon.remove(claim.runId());
                rest.remove(claim.jobId());
            }
            holdings.forget(notWon);
            return new Claims.Answer(won, Map.of(), overdue(List.copyOf(rest)), List.of(), null);
        }

        @Override
        public List<Claim> giveBack(List<Claim> claims) {
            if (mutation == Mutation.GIVE_BACK) {
                return List.of();
            }
            List<Claim> stillHeld = world.statement(() -> SimulatedTables.this.giveBack(claims, world.now()));
            holdings.forget(claims.stream()
                    .filter(claim -> !stillHeld.contains(claim))
                    .map(Claim::runId)
                    .toList());
            return stillHeld;
        }

        @Override
        public int state(UUID job) {
            return timer(job).state;
        }

        @Override
        public Set<UUID> complete(List<Completion> done, Map<UUID, Integer> read) {
            if (isAnyLocked(done, world.now())) {
                throw new Simulation.Failure();
            }
            return world.statement(() -> SimulatedTables.this.complete(done, read));
        }

        @Override
        public List<UUID> endLost() {
            UUID self = id;
            return world.statement(() -> SimulatedTables.this.endLost(self, holdings, world.now()));
        }
    }
}
