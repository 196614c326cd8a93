package io.asyncjobs.run;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.run.host.ErrorJson;
import io.asyncjobs.run.host.LogJson;
import io.asyncjobs.run.host.RunLog;
import io.asyncjobs.schedule.Completion;
import io.asyncjobs.schedule.Holdings;
import io.asyncjobs.schedule.RunOutcome;
import io.asyncjobs.script.ScriptError;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Puts ends of runs on record, as many in one transaction as have come together: at once when idle, in groups under load.
 *
 * <p>One thread. While the database is away it keeps trying; a run that is not on record keeps its lease, so nothing is
 * lost and nothing runs twice. A run whose row somebody has locked waits by itself, and one that cannot be stored at all is
 * dropped, to be ended as lost. Lines of runs in flight are written now and then, so that a crash leaves them readable.
 */
@Singleton
public class RunRecorder {

    private static final Logger LOG = Logger.getLogger(RunRecorder.class);
    private static final int MOST_AT_ONCE = 1_000;
    private static final int MOST_EVENTS_AT_ONCE = 1_000;
    private static final long MOST_BYTES_AT_ONCE = 8L * 1024 * 1024;
    private static final long LINES_EVERY_MILLIS = 500;

    /** Ends that come together in such numbers show load: then more are waited for. */
    private static final int LOAD = 4;

    private static final long GATHER_MILLIS = 20;

    /** So many are worth a statement: no need to wait for more. */
    private static final int ENOUGH = 250;

    /** With so many ends waiting, the database is what limits: no more runs are started. */
    private static final int BEHIND = 5_000;

    private static final long RETRY_AFTER_MILLIS = 250;

    private record Finished(RunInFlight run, Completion completion) {

        UUID id() {
            return run.claim().runId();
        }
    }

    private final RunRecords records;
    private final DatabaseClock clock;
    private final Holdings holdings;
    private final Map<UUID, RunInFlight> inFlight = new ConcurrentHashMap<>();
    private final BlockingQueue<Finished> finished = new LinkedBlockingQueue<>();
    /** Those whose rows are locked; of the recorder's thread alone. */
    private final List<Finished> locked = new ArrayList<>();
    /** Those whose events are written before their ends, and those of which a piece is tried again; of that thread, too. */
    private final Queue<Finished> ahead = new ArrayDeque<>();

    private final List<Finished> later = new ArrayList<>();

    private final ManyEvents manyEvents;
    private final RunLines lines;
    private final Thread thread;
    private volatile boolean stopping;

    RunRecorder(RunRecords records, DatabaseClock clock, Holdings holdings) {
        this.holdings = holdings;
        this.records = records;
        this.manyEvents = new ManyEvents(records);
        this.lines = new RunLines(records, clock);
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("run-recorder").daemon().start(this::loop);
    }

    @PreDestroy
    void stop() {
        stopping = true;
        thread.interrupt();
    }

    /** From now on the run's lines are written now and then. */
    void begin(RunInFlight run) {
        inFlight.put(run.claim().runId(), run);
    }

    /** The run has ended; returns at once. */
    void end(RunInFlight run, Completion completion) {
        finished.add(new Finished(run, completion));
    }

    /** Whether so many ends wait to be put on record that no more runs should begin. */
    boolean isBehind() {
        return inFlight.size() > BEHIND;
    }

    /** Waits until every run is on record as ended; false when that takes longer. */
    boolean becameIdle(Duration within) {
        long end = System.nanoTime() + within.toNanos();
        while (inFlightCount() > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** How many runs are not on record as ended. */
    int inFlightCount() {
        return inFlight.size();
    }

    /** That run, while it is not on record as ended. */
    public Optional<RunInFlight> inFlight(UUID run) {
        return Optional.ofNullable(inFlight.get(run));
    }

    /** The runs that are not on record as ended. */
    public Collection<RunInFlight> inFlight() {
        return List.copyOf(inFlight.values());
    }

    private void loop() {
        long linesWritten = System.nanoTime();
        long triedAgain = linesWritten;
        int lately = 0;
        while (!stopping) {
            List<Finished> batch = new ArrayList<>();
            try {
                Finished first = finished.poll(
                        !ahead.isEmpty()
                                ? 0
                                : locked.isEmpty() && later.isEmpty() ? LINES_EVERY_MILLIS : RETRY_AFTER_MILLIS,
                        TimeUnit.MILLISECONDS);
                if (first != null) {
                    if (lately >= LOAD && finished.size() < ENOUGH) {
                        TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
                    }
                    batch.add(first);
                    drainTo(batch);
                    lately = batch.size();
                    batch.removeIf(one -> ManyEvents.of(one.run()) && ahead.add(one));
                    writeBounded(batch);
                }
                // A piece at a time, so that other runs' ends go past those with many events
                Finished next = ahead.poll();
                if (next != null) {
                    switch (manyEvents.writePiece(next.run())) {
                        case GOES_ON -> ahead.add(next);
                        case LATER -> later.add(next);
                        case ENOUGH -> write(List.of(next));
                    }
                }
                if (isPast(triedAgain, RETRY_AFTER_MILLIS)) {
                    ahead.addAll(later);
                    later.clear();
                    if (!locked.isEmpty()) {
                        List<Finished> again = List.copyOf(locked);
                        locked.clear();
                        passOver(again);
                    }
                    triedAgain = System.nanoTime();
                }
                if (isPast(linesWritten, LINES_EVERY_MILLIS)) {
                    lines.write(inFlight.values());
                    linesWritten = System.nanoTime();
                }
            } catch (InterruptedException e) {
                // Only stop() interrupts
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                LOG.error("The recorder goes on after an error of its own", e);
                batch.stream().filter(one -> inFlight.containsKey(one.id())).forEach(this::drop);
            }
        }
    }

    /** Nothing more can be done for that run here: its lease is ended as lost. */
    private void drop(Finished one) {
        inFlight.remove(one.id());
        one.run().host().ifPresent(host -> host.noted().close());
        holdings.drop(one.id());
    }

    private static boolean isPast(long since, long millis) {
        return System.nanoTime() - since >= TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** In as many transactions as their events on the trail need. */
    private void writeBounded(List<Finished> batch) throws InterruptedException {
        List<Finished> part = new ArrayList<>();
        int events = 0;
        for (Finished one : batch) {
            int more = one.run().host().map(host -> host.audit().size()).orElse(0);
            if (events + more > MOST_EVENTS_AT_ONCE) {
                write(part);
                part = new ArrayList<>();
                events = 0;
            }
            part.add(one);
            events += more;
        }
        if (!part.isEmpty()) {
            write(part);
        }
    }

    /** As many as are there, but no more than can be written together without much memory. */
    private void drainTo(List<Finished> batch) {
        long bytes = 0;
        while (batch.size() < MOST_AT_ONCE && bytes < MOST_BYTES_AT_ONCE) {
            Finished next = finished.poll();
            if (next == null) {
                return;
            }
            batch.add(next);
            bytes += next.run.host().map(host -> host.noted().notedBytes()).orElse(0L);
        }
    }

    private void write(List<Finished> batch) throws InterruptedException {
        List<Finished> bare = new ArrayList<>();
        List<Finished> more = new ArrayList<>();
        for (Finished one : batch) {
            (isBare(one) ? bare : more).add(one);
        }
        if (!bare.isEmpty()) {
            write(bare, records::endBare);
        }
        if (!more.isEmpty()) {
            write(more, records::endWithMore);
        }
    }

    private static boolean isBare(Finished one) {
        return one.run().log().isEmpty()
                && one.run()
                        .host()
                        .map(host -> host.state().changes().isEmpty()
                                && host.audit().entries().isEmpty())
                        .orElse(true);
    }

    private void write(List<Finished> batch, Function<List<RunRecords.Ended>, Set<UUID>> recording)
            throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                Set<UUID> held = recording.apply(ends(batch));
                recorded(batch, held);
                return;
            } catch (RuntimeException e) {
                if (DatabaseFaults.isOfWaiting(e)) {
                    passOver(batch);
                    return;
                }
                if (isOfTheRuns(e)) {
                    writeApart(batch, recording, e);
                    return;
                }
                if (!told) {
                    LOG.errorf("%d ended runs wait for the database: %s", batch.size(), e.getMessage());
                    told = true;
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_AFTER_MILLIS);
            }
        }
    }

    /** Records those whose rows nobody has locked; the others have their turn later. */
    private void passOver(List<Finished> batch) throws InterruptedException {
        try {
            RunRecords.Written written = records.endPassingOver(ends(batch));
            Map<Boolean, List<Finished>> parts = batch.stream()
                    .collect(Collectors.partitioningBy(one -> written.locked().contains(one.id())));
            locked.addAll(Objects.requireNonNull(parts.get(true)));
            recorded(Objects.requireNonNull(parts.get(false)), written.held());
        } catch (RuntimeException e) {
            if (isOfTheRuns(e)) {
                writeApart(batch, records::endWithMore, e);
            } else if (DatabaseFaults.isOfWaiting(e) && batch.size() > 1) {
                // Perhaps there is only too much of it for one statement
                passOver(batch.subList(0, batch.size() / 2));
                passOver(batch.subList(batch.size() / 2, batch.size()));
            } else {
                locked.addAll(batch);
            }
        }
    }

    /** One run that cannot be stored must not keep the others: it is recorded as failed, without what it left. */
    private void writeApart(
            List<Finished> batch, Function<List<RunRecords.Ended>, Set<UUID>> recording, RuntimeException fault)
            throws InterruptedException {
        if (batch.size() > 1) {
            for (Finished one : batch) {
                write(List.of(one), recording);
            }
            return;
        }
        Finished one = batch.getFirst();
        LOG.errorf(fault, "What run %s left cannot be stored", one.id());
        try {
            recorded(batch, records.endBare(List.of(withoutWhatItLeft(one))));
        } catch (RuntimeException e) {
            if (!isOfTheRuns(e)) {
                locked.addAll(batch);
                return;
            }
            LOG.errorf(e, "Run %s cannot be put on record as ended; it will be lost", one.id());
            drop(one);
        }
    }

    private static RunRecords.Ended withoutWhatItLeft(Finished one) {
        one.run().log().clear();
        Completion bare = new Completion(
                one.completion().claim(),
                one.completion().startedAt(),
                one.completion().finishedAt(),
                RunOutcome.FAILED,
                null,
                ErrorJson.of(new ScriptError("What the run left could not be stored", null, null, null)),
                null,
                true);
        return new RunRecords.Ended(bare, one.run().log().pending(), "[]", Map.of(), List.of());
    }

    /** Whether trying again with the same runs is of no use: the database refused their values, or this code has a fault. */
    private static boolean isOfTheRuns(RuntimeException failure) {
        return DatabaseFaults.isOfTheData(failure) || !DatabaseFaults.isOfTheDatabase(failure);
    }

    private List<RunRecords.Ended> ends(List<Finished> batch) {
        return batch.stream().map(this::end).toList();
    }

    private RunRecords.Ended end(Finished one) {
        RunLog.Chunk lines = one.run().log().pending();
        return new RunRecords.Ended(
                one.completion(),
                lines,
                lines.lines().isEmpty() ? "[]" : LogJson.of(lines.lines(), clock),
                one.completion().outcome() == RunOutcome.SUCCEEDED
                        ? one.run().host().map(host -> host.state().changes()).orElse(Map.of())
                        : Map.of(),
                one.run().host().map(host -> host.audit().entries()).orElse(List.of()));
    }

    private void recorded(List<Finished> batch, Set<UUID> held) {
        for (Finished one : batch) {
            inFlight.remove(one.id());
            one.run().host().ifPresent(host -> host.noted().close());
            if (!held.contains(one.id())) {
                LOG.warnf(
                        "Run %s holds its lease no more: it is on record already, or it was fenced and what it wrote is dropped",
                        one.id());
            }
        }
    }
}
