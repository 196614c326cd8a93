package io.asyncjobs.schedule;

import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/** The ends of runs: each is committed together with the return of its lease, and changes nothing once the lease is gone. */
@Singleton
public class Completions {

    private static final String RECORD_ENDS = RunEnds.record(RunEnds.STARTED_AS_TOLD);

    /** What is said of runs that ended, as rows. */
    private static final String DONE = """
            unnest(:jobIds, :runIds, :epochs, :startedAt, :finishedAt, :outcomes, :results, :errors, :effects,
                    :logTruncated)
                as h (job_id, run_id, epoch, started_at, finished_at, outcome, result, error, effects, log_truncated)
            """;

    /** The same of a single run: at rest, where each ends alone, reading arrays takes a tenth of what its end costs. */
    private static final String DONE_ALONE = """
            (select :jobIds::uuid as job_id, :runIds::uuid as run_id, :epochs::bigint as epoch,
                :startedAt::timestamptz as started_at, :finishedAt::timestamptz as finished_at,
                :outcomes::text as outcome, :results::text as result, :errors::text as error,
                :effects::text as effects, :logTruncated::boolean as log_truncated) as h
            """;

    /** Ends runs that still hold their lease and kept no tick from running. */
    private static final NamedStatement COMPLETE_SINGLE = new NamedStatement(completeSingle(DONE));

    private static final NamedStatement COMPLETE_ALONE = NamedStatement.ofOneRow(completeSingle(DONE_ALONE));

    /** Ends runs that still hold their lease; the ticks that fell due meanwhile become a gap. */
    private static final NamedStatement COMPLETE = new NamedStatement("""
            with done as (
                select * from
            """ + DONE + """
            ), held as materialized (
                select d.*, t.next_tick, t.interval_seconds,
                    case when t.next_tick is null or t.paused
                            or timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is not null then 0
                        else ticks_until(t.next_tick, t.interval_seconds, d.finished_at) end as ticks
                from done d
                    join job_timer t on t.job_id = d.job_id
                where t.epoch = d.epoch and t.lease_run = d.run_id
                order by t.job_id
                for update of t
            ), freed as (
                update job_timer t
                set lease_run = null, lease_node = null,
                    next_tick = case when h.ticks = 0 then t.next_tick
                        else tick_after(h.next_tick, h.interval_seconds, h.ticks) end,
                    """ + RunEnds.HEALTH + """

                from held h
                where t.job_id = h.job_id
            ),
            """
            + RECORD_ENDS + """
            , missed as (
                select job_id, next_tick as first_tick, interval_seconds, ticks, 'overlap' as reason
                from held
                where ticks > 0
            ),
            """ + TickGaps.RECORD + """
            select h.run_id, h.job_id,
            """ + TickGaps.COLUMNS + """

            from held h
                left join missed m on m.job_id = h.job_id
            """);

    private final DataSource database;
    private final Holdings holdings;
    private final RunEvents events;

    /**
     * What became of ends.
     *
     * @param held the runs that still held their leases; nothing is stored of the others
     * @param gaps the ticks that these kept from running
     */
    public record Completed(Set<UUID> held, List<RunEvent.Gap> gaps) {

        public Completed {
            held = Set.copyOf(held);
            gaps = List.copyOf(gaps);
        }

        /** No run. */
        public static final Completed NONE = new Completed(Set.of(), List.of());
    }

    public Completions(
            @io.quarkus.agroal.DataSource("schedule") DataSource database, Holdings holdings, RunEvents events) {
        this.database = database;
        this.holdings = holdings;
        this.events = events;
    }

    /**
     * Records the ends of runs and gives their leases back, in one statement; in a second one where they kept ticks from
     * running. Returns those that were still held.
     */
    public Set<UUID> complete(List<Completion> done) {
        Completed completed = complete(done, (statement, values, reader) -> statement.query(database, values, reader));
        committed(done, completed);
        return completed.held();
    }

    /** These runs are on record as ended, or their leases are gone. */
    public void committed(List<Completion> done, Completed completed) {
        List<RunEvent> told = new ArrayList<>(completed.gaps());
        List<UUID> runs = new ArrayList<>();
        for (Completion one : done) {
            runs.add(one.claim().runId());
            told.add(event(one, completed.held().contains(one.claim().runId())));
        }
        holdings.forget(runs);
        events.tell(told);
    }

    private static RunEvent event(Completion done, boolean held) {
        Claim claim = done.claim();
        return held
                ? new RunEvent.Ended(claim.jobId(), claim.runId(), done.outcome(), done.finishedAt())
                : new RunEvent.LeaseGone(claim, done.finishedAt());
    }

    /** As {@link #complete(List)}, in the handle's transaction; {@link #committed} is to be called after its commit. */
    public Completed complete(Handle handle, List<Completion> done) {
        return complete(done, (statement, values, reader) -> statement.query(handle.getConnection(), values, reader));
    }

    /** Runs a statement on some connection. */
    private interface Asking {
        List<UUID> ask(NamedStatement statement, Map<String, Object> values, NamedStatement.RowReader<UUID> reader);
    }

    private static Completed complete(List<Completion> done, Asking database) {
        List<Completion> sorted = new ArrayList<>(done);
        sorted.sort(Comparator.comparing(completion -> completion.claim().jobId(), RowArrays.LOCK_ORDER));
        Set<UUID> ended = new HashSet<>(database.ask(
                sorted.size() == 1 ? COMPLETE_ALONE : COMPLETE_SINGLE, columns(sorted), Completions::runId));
        List<RunEvent.Gap> gaps = new ArrayList<>();
        if (ended.size() < sorted.size()) {
            List<Completion> rest = sorted.stream()
                    .filter(completion -> !ended.contains(completion.claim().runId()))
                    .toList();
            ended.addAll(database.ask(COMPLETE, columns(rest), row -> {
                TickGaps.read(row).ifPresent(gaps::add);
                return runId(row);
            }));
        }
        return new Completed(ended, gaps);
    }

    private static Map<String, Object> columns(List<Completion> done) {
        return Map.of(
                "jobIds", RowArrays.column(done, UUID.class, c -> c.claim().jobId()),
                "runIds", RowArrays.column(done, UUID.class, c -> c.claim().runId()),
                "epochs", RowArrays.column(done, Long.class, c -> c.claim().epoch()),
                "startedAt", RowArrays.column(done, OffsetDateTime.class, c -> RowArrays.utc(c.startedAt())),
                "finishedAt", RowArrays.column(done, OffsetDateTime.class, c -> RowArrays.utc(c.finishedAt())),
                "outcomes",
                        RowArrays.column(done, String.class, c -> c.outcome().wireName()),
                "results", RowArrays.column(done, String.class, Completion::result),
                "errors", RowArrays.column(done, String.class, Completion::error),
                "effects", RowArrays.column(done, String.class, Completion::effects),
                "logTruncated", RowArrays.column(done, Boolean.class, Completion::logTruncated));
    }

    private static UUID runId(ResultSet row) throws SQLException {
        return row.getObject("run_id", UUID.class);
    }

    private static String completeSingle(String done) {
        return """
            with held as (
                update job_timer t
                set lease_run = null, lease_node = null,
            """ + RunEnds.HEALTH + """
                from
            """ + done + """
                where t.job_id = h.job_id and t.epoch = h.epoch and t.lease_run = h.run_id
                    and (t.next_tick is null or t.paused or t.next_tick > h.finished_at)
                returning h.*
            ),
            """ + RECORD_ENDS + """
            select run_id from held
            """;
    }
}
