package io.asyncjobs.run;

import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.testsupport.JobRows;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** An archived job with a past that a test makes up: it never runs by itself. */
public final class PastJob {

    private final Jdbi jdbi;
    private final UUID id;
    private final int intervalSeconds;

    public PastJob(Jdbi jdbi, int intervalSeconds) {
        this.jdbi = jdbi;
        this.intervalSeconds = intervalSeconds;
        this.id = UUID.randomUUID();
        jdbi.useTransaction(handle -> JobRows.insertJob(handle, id, "past-" + id, true, intervalSeconds, null));
    }

    public UUID id() {
        return id;
    }

    /** A run of that tick that started at once. */
    public UUID ran(Instant tick, String outcome, Duration took) {
        return run(tick, tick, tick.plus(took), outcome, "timer");
    }

    /** A run of that tick, with each of its times; claimed at its tick. */
    public UUID run(
            Instant tick,
            @Nullable Instant started,
            @Nullable Instant finished,
            @Nullable String outcome,
            String trigger) {
        UUID run = UuidV7.at(tick);
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into run (id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome,
                            node_id, epoch)
                        values (:run, :job, 1, :trigger, :tick, :started, :finished, :outcome, :run, 1)
                        """)
                .bind("run", run)
                .bind("job", id)
                .bind("trigger", trigger)
                .bind("tick", utc(tick))
                .bind("started", utc(started))
                .bind("finished", utc(finished))
                .bind("outcome", outcome)
                .execute());
        return run;
    }

    /** Ticks from then on that all ran, without a fault. */
    public void ranEachTick(Instant first, int ticks) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into run (id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome,
                            node_id, epoch)
                        select overlay(gen_random_uuid()::text placing left(uuid_v7_floor(tick)::text, 15) from 1 for 15)::uuid,
                            :job, 1, 'timer', tick, tick, tick + interval '20 ms', 'succeeded', :job, 1
                        from (
                            select tick_after(:first, :interval, n) as tick from generate_series(0, :ticks - 1) n
                        ) t
                        """)
                .bind("job", id)
                .bind("first", utc(first))
                .bind("interval", intervalSeconds)
                .bind("ticks", ticks)
                .execute());
    }

    public void log(UUID run, String lines) {
        jdbi.useHandle(
                handle -> handle.execute("insert into run_log (run_id, chunk, lines) values (?, 0, ?)", run, lines));
    }

    public void gap(Instant first, int ticks, String reason) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into tick_gap (job_id, first_tick, last_tick, ticks, interval_seconds, reason)
                        values (:job, :first, :last, :ticks, :interval, :reason)
                        """)
                .bind("job", id)
                .bind("first", utc(first))
                .bind("last", utc(first.plusSeconds((ticks - 1L) * intervalSeconds)))
                .bind("ticks", ticks)
                .bind("interval", intervalSeconds)
                .bind("reason", reason)
                .execute());
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
