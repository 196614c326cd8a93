package io.asyncjobs.schedule;

import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The table {@code job_timer}: made to match the table {@code job}, and read into memory. */
@Singleton
class TimerRepository {

    /**
     * A timer as read back.
     *
     * @param nextTick the first tick not accounted for, which may be past; null while the job is archived or paused
     */
    record Row(Timer timer, @Nullable Instant nextTick) {}

    /**
     * Makes timers match the jobs whose schedule changed since then. What was due before the change is settled first, as of
     * the change. A new grid starts with a phase inside its first interval, taken from the job's id; a pause keeps the grid.
     */
    private static final String SYNCHRONIZE = """
            with changed as materialized (
                select id as job_id, schedule_changed_at as basis, poll_interval_seconds as interval_seconds,
                    archived, paused_at is not null as paused,
                    schedule_changed_at + make_interval(
                        secs => (1 + abs(hashtextextended(id::text, 0) % (poll_interval_seconds * 1000))) / 1000.0
                    ) as anchor
                from job
                where schedule_changed_at >= :since
            ), made as (
                insert into job_timer (job_id, basis, anchor, interval_seconds, paused, next_tick, epoch)
                select job_id, basis, anchor, interval_seconds, paused, case when not archived then anchor end, 0
                from changed c
                where not exists (select from job_timer t where t.job_id = c.job_id)
                on conflict (job_id) do nothing
            ), stale as materialized (
                select c.*, t.interval_seconds as old_interval_seconds, t.next_tick,
                    case when t.next_tick is null then 0
                        else ticks_until(t.next_tick, t.interval_seconds, c.basis) end as ticks,
                    case when t.paused then 'paused' when t.lease_run is not null then 'overlap' else 'stalled' end as reason,
                    t.next_tick is null or t.interval_seconds <> c.interval_seconds as regrid
                from changed c
                    join job_timer t on t.job_id = c.job_id
                where t.basis < c.basis
                order by t.job_id
                for update of t
            ), matched as (
                update job_timer t
                set basis = s.basis, interval_seconds = s.interval_seconds, paused = s.paused,
                    anchor = case when s.regrid then s.anchor else t.anchor end,
                    next_tick = case when s.archived then null when s.regrid then s.anchor
                        else tick_after(s.next_tick, s.interval_seconds, s.ticks) end
                from stale s
                where t.job_id = s.job_id
            ), missed as (
                select job_id, next_tick as first_tick, old_interval_seconds as interval_seconds, ticks, reason
                from stale
                where ticks > 0
            ),
            """ + Leases.recordMissedTicks() + """
            select (select count(*) from stale) as stale
            """;

    /** All that should be in memory, told by sums that a node can make of what is in its own. */
    private static final String CHECK = """
            select count(*) filter (where t.next_tick is not null and not t.paused) as active,
                coalesce(sum((date_part('epoch', t.basis) * 1000000)::bigint % :modulus)
                    filter (where t.next_tick is not null and not t.paused), 0)::bigint as sum,
                count(*) filter (where t.basis is distinct from j.schedule_changed_at) as stale
            from job j
                left join job_timer t on t.job_id = j.id
            """;

    private static final String CHANGED = """
            select count(*) as jobs,
                coalesce(sum((date_part('epoch', schedule_changed_at) * 1000000)::bigint % :modulus), 0)::bigint as sum
            from job
            where schedule_changed_at >= :since
            """;

    private static final String READ = """
            select t.job_id, t.basis, t.anchor, t.interval_seconds,
                case when not t.paused then t.next_tick end as next_tick
            from job_timer t
                join job j on j.id = t.job_id
            where j.schedule_changed_at >= :since
            """;

    private final Jdbi jdbi;

    TimerRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Makes timers match the jobs whose schedule changed at or after {@code since}, and reads them. */
    List<Row> synchronize(Instant since) {
        OffsetDateTime from = since.atOffset(ZoneOffset.UTC);
        return jdbi.withHandle(handle -> {
            handle.createQuery(SYNCHRONIZE)
                    .bind("since", from)
                    .mapTo(Long.class)
                    .one();
            return handle.createQuery(READ)
                    .bind("since", from)
                    .map((row, context) -> new Row(
                            new Timer(
                                    row.getObject("job_id", UUID.class),
                                    row.getObject("basis", OffsetDateTime.class).toInstant(),
                                    row.getObject("anchor", OffsetDateTime.class)
                                            .toInstant(),
                                    row.getInt("interval_seconds")),
                            instant(row.getObject("next_tick", OffsetDateTime.class))))
                    .list();
        });
    }

    /** The jobs whose schedule changed at or after {@code since}, archived and paused ones too. */
    TimerTally changedSince(Instant since) {
        return jdbi.withHandle(handle -> handle.createQuery(CHANGED)
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("modulus", TimerTally.MODULUS)
                .map((row, context) -> new TimerTally(row.getLong("jobs"), row.getLong("sum"), 0))
                .one());
    }

    /** How many timers there should be; compared with what a node has in memory. */
    TimerTally check() {
        return jdbi.withHandle(handle -> handle.createQuery(CHECK)
                .bind("modulus", TimerTally.MODULUS)
                .map((row, context) -> new TimerTally(row.getLong("active"), row.getLong("sum"), row.getLong("stale")))
                .one());
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime value) {
        return value == null ? null : value.toInstant();
    }
}
