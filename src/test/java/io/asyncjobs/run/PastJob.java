package io.asyncjobs.run;

import io.asyncjobs.platform.UuidV7;
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
        jdbi.useHandle(handle -> {
            handle.execute("""
                    insert into script (sha256, md5, content, created_at) values ('test', 'test', '', now())
                    on conflict (sha256) do nothing
                    """);
            handle.execute("""
                    insert into job (id, name, name_key, archived, poll_interval_seconds, timeout_seconds, script_sha256,
                        parameters, revision, version, schedule_changed_at, created_at, created_by, updated_at, updated_by)
                    values (?, ?, ?, true, ?, 60, 'test', '{}', 1, 1, now(), now(), 'test', now(), 'test')
                    """, id, "past-" + id, "past-" + id, intervalSeconds);
        });
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
