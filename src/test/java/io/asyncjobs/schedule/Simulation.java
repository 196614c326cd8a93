package io.asyncjobs.schedule;

import io.asyncjobs.platform.DatabaseFaults;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Nodes, workers and a database in one thread and in simulated time. A seed decides everything: how long statements take and
 * how they fail, when nodes stop, die and leave, how clocks drift, which jobs change. The same seed gives the same run.
 *
 * <p>The nodes use the service's own decisions; see {@link SimulatedNode} and {@link SimulatedTables}.
 */
final class Simulation {

    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;

    /** Faults stop so long before the end, so that every job has gone on by then. */
    private static final long QUIET = 40 * SECOND;

    /** A job whose next tick is older than this at the end does not go on. */
    private static final long PATIENCE = 12 * SECOND;

    /** What a seed gave. */
    record Outcome(long seed, int runs, int faults, List<String> violations) {}

    /** A statement that failed, or whose answer did not come. */
    static final class Failure extends IllegalStateException {

        Failure() {
            super("simulated", new SQLTransientConnectionException("simulated", "08006"));
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    private record Event(long at, long order, @Nullable SimulatedNode node, Runnable action)
            implements Comparable<Event> {

        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** How a statement fares. */
    private enum Fate {
        DONE,
        /** It never reaches the database. */
        NOT_SENT,
        /** It is done, and its answer is lost. */
        NOT_ACKNOWLEDGED,
        /** Its client gives up, and it is done after that. */
        DONE_LATE
    }

    private final SplittableRandom random;
    private final long seed;
    private final ScheduleConfig config;
    private final SimulatedDatabase database;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<UUID> jobs = new ArrayList<>();
    private final long end;
    private long now;
    private long order;
    private long ids;

    private long stalledUntil;
    private final long[] cutOffUntil;
    /** Of a hundred statements, so many fare badly; changes with the weather. */
    private int badPercent;

    private Fate fate = Fate.DONE;

    // What the checker looks at
    private final Map<UUID, Long> lastEpochActed = new HashMap<>();
    private final List<String> violations = new ArrayList<>();
    private int runs;
    private int faults;

    /** On tables in memory, of whose statements something may be left out. */
    Simulation(long seed, Duration time, ScheduleConfig config, SimulatedTables.@Nullable Mutation mutation) {
        this(seed, time, config, world -> new SimulatedTables(world, config, mutation));
    }

    Simulation(long seed, Duration time, ScheduleConfig config, Function<Simulation, SimulatedDatabase> databases) {
        this.seed = seed;
        this.random = new SplittableRandom(seed * 1_000_003 + 17);
        this.config = config;
        this.end = time.toNanos();
        this.database = databases.apply(this);
        int count = random.nextInt(2, 5);
        this.cutOffUntil = new long[count];
        int[] intervals = {1, 2, 5, 7, 13, 30, 60};
        for (int i = random.nextInt(6, 13); i > 0; i--) {
            UUID job = newId();
            int interval = intervals[random.nextInt(intervals.length)];
            database.addJob(job, interval, SimulatedTables.at(random.nextLong(interval * SECOND) / 1_000 * 1_000));
            jobs.add(job);
        }
        for (int i = 0; i < count; i++) {
            nodes.add(new SimulatedNode(this, database, config, i));
        }
    }

    /** Runs all of it. */
    Outcome run() {
        nodes.forEach(node -> after(null, random.nextLong(SECOND), node::join));
        after(null, SECOND, this::weather);
        after(null, 3 * SECOND, this::fault);
        after(null, 2 * SECOND, this::change);
        while (!events.isEmpty() && events.peek().at() <= end) {
            Event event = events.poll();
            SimulatedNode node = event.node();
            if (node != null && node.isDead()) {
                continue;
            }
            if (node != null && node.stoppedUntil > event.at()) {
                events.add(new Event(node.stoppedUntil, event.order(), node, event.action()));
                continue;
            }
            now = event.at();
            event.action().run();
        }
        now = end;
        List<String> found = new ArrayList<>(violations);
        found.addAll(database.check(Duration.ofNanos(PATIENCE)));
        return new Outcome(seed, runs, faults, found);
    }

    // ---- For the nodes ----

    long now() {
        return now;
    }

    UUID newId() {
        // Spread as those of a database are, since a hash of them chooses nodes; in order of time
        return new UUID(++ids << 16, random.nextLong());
    }

    long between(long least, long most) {
        return random.nextLong(least, most);
    }

    /** How long a run takes: mostly some milliseconds, sometimes longer than its interval. */
    long runNanos() {
        return random.nextInt(20) == 0 ? random.nextLong(200 * MILLI, 4 * SECOND) : random.nextLong(MILLI, 100 * MILLI);
    }

    void after(@Nullable SimulatedNode node, long delay, Runnable action) {
        events.add(new Event(now + delay, order++, node, action));
    }

    /**
     * A node asks the database: {@code ask} runs when the request arrives there, and one of the others when the node hears of
     * it or gives up.
     */
    <T> void call(
            SimulatedNode node,
            long patience,
            Supplier<T> ask,
            Consumer<T> answered,
            Consumer<RuntimeException> failed) {
        long sent = now;
        boolean cutOff = cutOffUntil[node.number] > now;
        Fate drawn = cutOff ? Fate.NOT_SENT : draw();
        if (drawn == Fate.NOT_SENT) {
            // Refused at once, or never heard of again
            after(node, random.nextBoolean() ? MILLI : patience, () -> failed.accept(new Failure()));
            return;
        }
        long arrives = now + latency();
        long executes = Math.max(arrives, stalledUntil);
        if (executes - sent > patience) {
            drawn = Fate.DONE_LATE;
            executes = arrives;
        }
        Fate fares = drawn;
        // The request is under way: it arrives even if its node is stopped or dead by then
        events.add(new Event(executes, order++, null, () -> {
            fate = fares;
            T answer;
            try {
                answer = ask.get();
                if (fate != Fate.DONE) {
                    // Nothing in it was a statement that could fail on its way
                    throw new Failure();
                }
            } catch (IllegalStateException | JdbiException e) {
                if (!DatabaseFaults.isOfTheConnection(e) && !DatabaseFaults.isOfWaiting(e)) {
                    throw e;
                }
                fate = Fate.DONE;
                after(node, Math.max(0, sent + patience - now), () -> failed.accept(e));
                return;
            }
            fate = Fate.DONE;
            after(node, latency(), () -> answered.accept(answer));
        }));
    }

    /** One statement of an {@link #call}; fails where that was drawn. */
    <T> T statement(Supplier<T> statement) {
        Fate fares = fate;
        fate = Fate.DONE;
        switch (fares) {
            case NOT_ACKNOWLEDGED -> {
                var unused = statement.get();
                throw new Failure();
            }
            case DONE_LATE -> {
                after(null, random.nextLong(SECOND, 6 * SECOND), () -> {
                    var unused = statement.get();
                });
                throw new Failure();
            }
            default -> {
                return statement.get();
            }
        }
    }

    /** One statement on a real connection: it is done, and fails where it was not drawn that its answer comes. */
    <T> T acknowledged(ThrowingSupplier<T> statement) throws Throwable {
        Fate fares = fate;
        fate = Fate.DONE;
        T answer = statement.get();
        if (fares != Fate.DONE) {
            throw new SQLTransientConnectionException("simulated", "08006");
        }
        return answer;
    }

    /** What a proxy calls. */
    interface ThrowingSupplier<T> {
        T get() throws Throwable;
    }

    void started(Claim claim, int node) {
        runs++;
        if (SimulatedTables.nanos(claim.scheduledFor()) - now > 5 * MILLI) {
            violations.add("early start: run %s of %s at %s on node %d"
                    .formatted(claim.runId(), claim.scheduledFor(), SimulatedTables.at(now), node));
        }
    }

    /** No run may do anything once a later run of its job has. */
    void acted(Claim claim) {
        long last = lastEpochActed.getOrDefault(claim.jobId(), -1L);
        if (claim.epoch() < last) {
            violations.add("overlap: run %s of job %s acts with epoch %d after one with %d"
                    .formatted(claim.runId(), claim.jobId(), claim.epoch(), last));
        }
        lastEpochActed.put(claim.jobId(), Math.max(last, claim.epoch()));
    }

    // ---- Faults ----

    private long latency() {
        return random.nextInt(100) < badPercent
                ? random.nextLong(5 * MILLI, 800 * MILLI)
                : random.nextLong(100_000, 3 * MILLI);
    }

    private Fate draw() {
        if (random.nextInt(200) >= badPercent) {
            return Fate.DONE;
        }
        faults++;
        return Fate.values()[random.nextInt(1, Fate.values().length)];
    }

    private boolean isQuiet() {
        return now > end - QUIET;
    }

    /** Some time is fair, some is foul. */
    private void weather() {
        badPercent = isQuiet() || random.nextInt(3) > 0 ? 0 : random.nextInt(1, 60);
        after(null, random.nextLong(SECOND, 15 * SECOND), this::weather);
    }

    private void fault() {
        if (isQuiet()) {
            return;
        }
        faults++;
        SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(7)) {
            case 0 -> node.stoppedUntil = now + random.nextLong(100 * MILLI, 12 * SECOND);
            case 1 -> {
                node.kill();
                replace(node, random.nextLong(500 * MILLI, 10 * SECOND));
            }
            case 2 -> {
                if (node.isUp()) {
                    node.leave();
                    replaceWhenGone(node);
                }
            }
            case 3 -> stalledUntil = now + random.nextLong(100 * MILLI, 5 * SECOND);
            case 4, 5 -> cutOffUntil[node.number] = now + random.nextLong(100 * MILLI, 9 * SECOND);
            default -> database.lock(jobs.get(random.nextInt(jobs.size())), random.nextLong(100 * MILLI, 8 * SECOND));
        }
        after(null, random.nextLong(500 * MILLI, 12 * SECOND), this::fault);
    }

    private void replaceWhenGone(SimulatedNode node) {
        after(null, 200 * MILLI, () -> {
            if (node.isDead()) {
                replace(node, random.nextLong(SECOND, 3 * SECOND));
            } else {
                replaceWhenGone(node);
            }
        });
    }

    private void replace(SimulatedNode node, long delay) {
        after(null, delay, () -> {
            // A leaving node that is killed is replaced once
            if (nodes.get(node.number) == node) {
                SimulatedNode fresh = new SimulatedNode(this, database, config, node.number);
                nodes.set(node.number, fresh);
                fresh.join();
            }
        });
    }

    /** Somebody pauses jobs or lets them go on, through one of the nodes; the others are told. */
    private void change() {
        SimulatedNode asked = nodes.get(random.nextInt(nodes.size()));
        int burst = random.nextInt(4) == 0 ? 3 : 1;
        for (int i = 0; i < burst && asked.isUp() && cutOffUntil[asked.number] < now; i++) {
            UUID job = jobs.get(random.nextInt(jobs.size()));
            boolean paused = !isQuiet() && random.nextInt(3) == 0;
            if (database.pause(job, paused)) {
                for (SimulatedNode node : nodes) {
                    if (node.isUp() && cutOffUntil[node.number] < now) {
                        after(node, random.nextLong(MILLI, 50 * MILLI), () -> node.changed(job));
                    }
                }
            }
        }
        after(null, random.nextLong(500 * MILLI, 20 * SECOND), this::change);
    }
}
