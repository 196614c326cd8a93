package io.asyncjobs.testsupport;

import io.asyncjobs.script.ScriptSource;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Rows of jobs and of their timers that a test makes up, past the service. */
public final class JobRows {

    private static final ScriptSource SCRIPT = ScriptSource.of("return 1;");

    private JobRows() {}

    /**
     * A job without parameters and user.
     *
     * @param basis when its schedule changed last; null for now
     */
    public static void insertJob(
            Handle handle, UUID id, String name, boolean archived, int intervalSeconds, @Nullable Instant basis) {
        handle.createUpdate("""
                        insert into script (sha256, md5, content, created_at) values (:sha256, :md5, :content, now())
                        on conflict (sha256) do nothing
                        """)
                .bind("sha256", SCRIPT.sha256())
                .bind("md5", SCRIPT.md5())
                .bind("content", SCRIPT.utf8())
                .execute();
        handle.createUpdate("""
                        insert into job (id, name, name_key, archived, poll_interval_seconds, timeout_seconds, script_sha256,
                            parameters, revision, version, schedule_changed_at, created_at, created_by, updated_at, updated_by)
                        values (:id, :name, :name, :archived, :interval, 60, :script, '{}', 1, 1, coalesce(:basis, now()), now(), 'test',
                            now(), 'test')
                        """)
                .bind("id", id)
                .bind("name", name)
                .bind("archived", archived)
                .bind("interval", intervalSeconds)
                .bind("script", SCRIPT.sha256())
                .bind("basis", utc(basis))
                .execute();
    }

    /**
     * The timer of that job.
     *
     * @param basis of the schedule that it matches
     * @param nextTick null for none
     */
    public static void insertTimer(
            Handle handle, UUID job, int intervalSeconds, Instant basis, @Nullable Instant nextTick) {
        handle.createUpdate("""
                        insert into job_timer (job_id, basis, anchor, interval_seconds, paused, next_tick, epoch)
                        values (:id, :basis, coalesce(:next, now()), :interval, false, :next, 0)
                        """)
                .bind("id", job)
                .bind("basis", utc(basis))
                .bind("interval", intervalSeconds)
                .bind("next", utc(nextTick))
                .execute();
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
