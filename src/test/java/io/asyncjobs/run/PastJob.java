package io.asyncjobs.run;

import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.testsupport.Api;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** An archived job with a past that a test makes up: it never runs by itself. */
final class PastJob {

    private final Jdbi jdbi;
    private final UUID id;
    private final int intervalSeconds;

    PastJob(Jdbi jdbi, int intervalSeconds) {
        this.jdbi = jdbi;
        this.intervalSeconds = intervalSeconds;
        this.id = UUID.fromString(Api.idleJob("return 1").getString("id"));
        Api.archive(id.toString());
        jdbi.useHandle(handle -> {
            // What the pause before kept from running is none of the test's
            handle.execute("delete from tick_gap where job_id = ?", id);
            handle.execute("update job set poll_interval_seconds = ? where id = ?", intervalSeconds, id);
        });
    }

    UUID id() {
        return id;
    }

    /** A run of that tick that started at once. */
    UUID ran(Instant tick, String outcome, Duration took) {
        return run(tick, tick, tick.plus(took), outcome, "timer");
    }

    /** A run of that tick, with each of its times; claimed at its tick. */
    UUID run(
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

    void log(UUID run, String lines) {
        jdbi.useHandle(
                handle -> handle.execute("insert into run_log (run_id, chunk, lines) values (?, 0, ?)", run, lines));
    }

    void gap(Instant first, int ticks, String reason) {
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
