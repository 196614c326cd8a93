package io.asyncjobs.run.retention;

import io.asyncjobs.schedule.HeldLeases;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Adds up runs and gaps by the hour, once each: what was added and how far that went are one transaction.
 *
 * <p>Runs are taken by the time they were claimed, an hour at a time, once all of them have ended; each is counted in the
 * hour of its tick, whenever that was. A gap keeps how many of its ticks were counted, since it may still grow and since
 * one may be recorded days after its ticks, when a pause ends.
 */
@Singleton
class TickRollUp {

    /** Longer than from the choice of a run's id to the commit of its claim. */
    private static final Duration SETTLING = Duration.ofMinutes(10);

    /** No run takes so long. A lease that does is stuck, and must not hold up the history of all jobs. */
    private static final Duration LONGEST_RUN = Duration.ofHours(1);

    /** How far it has come and may go, and the first run behind: hours without any are passed over. */
    private static final String NEXT = """
            select p.rolled_until,
                full_hour(least(
                    :now - :settling,
                    greatest(:now - :longestRun, coalesce(uuid_v7_time(:oldest::uuid), :now)))) as limit_at,
                (
                    select full_hour(uuid_v7_time(id)) from run where id >= uuid_v7_floor(p.rolled_until) order by id limit 1
                ) as next_run
            from history_progress p
            for update of p skip locked
            """;

    private static final String ADD_RUNS = """
            with slot as materialized (
                select job_id, full_hour(scheduled_for) as hour,
                    case when outcome <> 'lost' then duration_slot(started_at, finished_at) end as slot,
                    started_at is null and outcome is not distinct from 'lost' as unstarted,
                    outcome,
                    count(*) as runs,
                    count(*) filter (where started_at > scheduled_for + interval '1 second') as late,
                    min(scheduled_for) as first_tick,
                    max(scheduled_for) as last_tick
                from run
                where id >= uuid_v7_floor(:hour) and id < uuid_v7_floor(:hour + interval '1 hour') and trigger = 'timer'
                group by 1, 2, 3, 4, 5
            ), ended as (
                select job_id, hour, array_agg(outcome order by outcome) as outcomes,
                    array_agg(runs order by outcome) as counts
                from (
                    select job_id, hour, outcome, sum(runs)::bigint as runs
                    from slot
                    where not unstarted and outcome is not null
                    group by 1, 2, 3
                ) o
                group by 1, 2
            ), unstarted as (
                insert into tick_hour_gap as t (job_id, hour, reason, ticks)
                select job_id, hour, 'lost', sum(runs) from slot where unstarted group by 1, 2
                on conflict (job_id, hour, reason) do update set ticks = t.ticks + excluded.ticks
            )
            insert into tick_hour as t (job_id, hour, ran, late, first_tick, last_tick, duration_slots, duration_counts,
                outcomes, outcome_counts)
            select s.job_id, s.hour, sum(s.runs), sum(s.late), min(s.first_tick), max(s.last_tick),
                coalesce(array_agg(s.slot order by s.slot) filter (where s.slot is not null), '{}'),
                coalesce(array_agg(s.runs::integer order by s.slot) filter (where s.slot is not null), '{}'),
                coalesce(e.outcomes, '{}'), coalesce(e.counts, '{}')
            from slot s
                left join ended e on e.job_id = s.job_id and e.hour = s.hour
            where not s.unstarted
            group by s.job_id, s.hour, e.outcomes, e.counts
            on conflict (job_id, hour) do update
            set ran = t.ran + excluded.ran, late = t.late + excluded.late,
                first_tick = least(t.first_tick, excluded.first_tick), last_tick = greatest(t.last_tick, excluded.last_tick),
                duration_slots = t.duration_slots || excluded.duration_slots,
                duration_counts = t.duration_counts || excluded.duration_counts,
                outcomes = t.outcomes || excluded.outcomes, outcome_counts = t.outcome_counts || excluded.outcome_counts
            """;

    /** Long gaps stay as they are: a row for weeks of a pause is less than a row for each of its hours. */
    private static final String ADD_GAPS = """
            with ended as materialized (
                select *
                from tick_gap
                where rolled_ticks < ticks and last_tick < :rolledUntil
                    and (ticks - rolled_ticks) * interval_seconds < 3600
                for update
            ), part as (
                select job_id, hour, reason,
                    sum(gap_ticks_within(first_tick, interval_seconds, ticks, rolled_ticks, hour, hour + interval '1 hour'))
                        as ticks
                from ended
                    cross join lateral generate_series(
                        full_hour(tick_after(first_tick, interval_seconds, rolled_ticks)), full_hour(last_tick),
                        interval '1 hour') as hour
                group by 1, 2, 3
            ), added as (
                insert into tick_hour_gap as t (job_id, hour, reason, ticks)
                select job_id, hour, reason, ticks from part where ticks > 0
                on conflict (job_id, hour, reason) do update set ticks = t.ticks + excluded.ticks
            )
            update tick_gap g
            set rolled_ticks = e.ticks
            from ended e
            where g.job_id = e.job_id and g.first_tick = e.first_tick
            """;

    private record Next(
            OffsetDateTime rolledUntil,
            OffsetDateTime limit,
            @Nullable OffsetDateTime run) {}

    private final HistoryConnections connections;

    TickRollUp(HistoryConnections connections) {
        this.connections = connections;
    }

    /** Adds up every hour that is over; another node at it is left alone. */
    void catchUp(Instant now) {
        boolean more = true;
        while (more) {
            more = connections.inTransaction(handle -> rollUpNext(handle, now));
        }
    }

    /** Whether there may be more to do. */
    private static boolean rollUpNext(Handle handle, Instant now) {
        // Read before the runs: one that ends meanwhile only makes this stop earlier
        List<UUID> goingOn = HeldLeases.all(handle);
        Optional<Next> found = handle.createQuery(NEXT)
                .bind("oldest", goingOn.isEmpty() ? null : goingOn.getFirst())
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("settling", SETTLING)
                .bind("longestRun", LONGEST_RUN)
                .map((row, context) -> new Next(
                        row.getObject("rolled_until", OffsetDateTime.class),
                        row.getObject("limit_at", OffsetDateTime.class),
                        row.getObject("next_run", OffsetDateTime.class)))
                .findOne();
        if (found.isEmpty() || !found.get().rolledUntil().isBefore(found.get().limit())) {
            return false;
        }
        Next next = found.get();
        OffsetDateTime until = next.limit();
        OffsetDateTime run = next.run();
        if (run != null && run.isBefore(until)) {
            handle.createUpdate(ADD_RUNS).bind("hour", run).execute();
            until = run.plusHours(1);
        }
        handle.createUpdate(ADD_GAPS).bind("rolledUntil", until).execute();
        handle.createUpdate("update history_progress set rolled_until = :until")
                .bind("until", until)
                .execute();
        return true;
    }
}
