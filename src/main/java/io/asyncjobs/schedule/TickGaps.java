package io.asyncjobs.schedule;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

/** Ticks on which nothing ran, as one part of the statements that find them. */
final class TickGaps {

    /** Of a row of {@code missed} that may be absent, for {@link #read}. */
    static final String COLUMNS =
            "m.first_tick as gap_first_tick, m.ticks as gap_ticks, m.interval_seconds as gap_interval, m.reason as gap_reason";

    /** Rows of a relation {@code missed} become gaps; one that continues an earlier gap of its kind extends it. */
    static final String RECORD = """
            extended as (
                update tick_gap g
                set last_tick = tick_after(m.first_tick, m.interval_seconds, m.ticks - 1), ticks = g.ticks + m.ticks
                from missed m
                where g.job_id = m.job_id and g.reason = m.reason and g.interval_seconds = m.interval_seconds
                    and g.last_tick = tick_after(m.first_tick, m.interval_seconds, -1)
                returning g.job_id, m.first_tick
            ), recorded as (
                insert into tick_gap (job_id, first_tick, last_tick, ticks, interval_seconds, reason)
                select m.job_id, m.first_tick, tick_after(m.first_tick, m.interval_seconds, m.ticks - 1), m.ticks,
                    m.interval_seconds, m.reason
                from missed m
                where not exists (
                    select from extended e where e.job_id = m.job_id and e.first_tick = m.first_tick)
            )
            """;

    private TickGaps() {}

    /** The gap of the job {@code job_id} in a row with these {@link #COLUMNS}, if there is one. */
    static Optional<RunEvent.Gap> read(ResultSet row) throws SQLException {
        OffsetDateTime firstTick = row.getObject("gap_first_tick", OffsetDateTime.class);
        return firstTick == null
                ? Optional.empty()
                : Optional.of(new RunEvent.Gap(
                        row.getObject("job_id", UUID.class),
                        firstTick.toInstant(),
                        row.getLong("gap_ticks"),
                        row.getInt("gap_interval"),
                        row.getString("gap_reason")));
    }
}
