package io.asyncjobs.bench;

import io.asyncjobs.script.ScriptSource;
import java.sql.SQLException;

/** Jobs of a benchmark, written into an empty database. */
final class BenchJobs {

    static final String WARM_UP = "warm-up";

    private static final String TRIVIAL = "return 1;";
    private static final int DRAIN_INTERVAL = 300;

    private BenchJobs() {}

    /** Lets the planner know of them. Not of the history: as long as it is empty, its size is better guessed. */
    static void analyze(BenchDatabase database) throws SQLException {
        database.execute("analyze job, job_revision, script");
    }

    /** Gives all jobs timers as after a day: their ticks are spread evenly over the interval, the last one is just past. */
    static void addTimers(BenchDatabase database, int intervalSeconds) throws SQLException {
        database.execute("""
                insert into job_timer (job_id, basis, anchor, interval_seconds, paused, next_tick, epoch)
                select id, schedule_changed_at, tick, poll_interval_seconds, false, tick, 0
                from (
                    select *, now() - make_interval(secs => ?::double precision * row_number() over () / count(*) over ())
                        as tick
                    from job
                ) spread
                """, intervalSeconds);
    }

    /** With timers of their own, whose first ticks are past. */
    static void addOverdue(BenchDatabase database, int jobs) throws SQLException {
        add(database, "drain", jobs, DRAIN_INTERVAL);
        database.execute("""
                insert into job_timer (job_id, basis, anchor, interval_seconds, paused, next_tick, epoch)
                select id, schedule_changed_at, tick, poll_interval_seconds, false, tick, 0
                from (
                    select *, now() - make_interval(secs => 0.00005 * row_number() over ()) as tick
                    from job where name_key like 'drain-%'
                ) overdue
                """);
    }

    static void endWarmUp(BenchDatabase database) throws SQLException {
        database.execute(
                "update job set archived = true, schedule_changed_at = clock_timestamp() where name_key like ?",
                WARM_UP + "-%");
    }

    static void add(BenchDatabase database, String prefix, int jobs, int intervalSeconds) throws SQLException {
        ScriptSource script = ScriptSource.of(TRIVIAL);
        database.execute("""
                insert into script (sha256, md5, content, created_at) values (?, ?, ?, now())
                on conflict (sha256) do nothing
                """, script.sha256(), script.md5(), script.utf8());
        database.execute("""
                insert into job (id, name, name_key, archived, poll_interval_seconds, timeout_seconds, script_sha256,
                    parameters, revision, version, schedule_changed_at, created_at, created_by, updated_at, updated_by)
                select gen_random_uuid(), name, name, false, ?, 60, ?, '{}', 1, 1, now(), now(), 'bench', now(), 'bench'
                from (select ? || '-' || n as name from generate_series(1, ?) n) job
                """, intervalSeconds, script.sha256(), prefix, jobs);
        database.execute("""
                insert into job_revision (job_id, revision, change, name, archived, poll_interval_seconds, timeout_seconds,
                    script_sha256, parameters, saved_at, saved_by)
                select id, 1, 'created', name, false, poll_interval_seconds, timeout_seconds, script_sha256, parameters, now(),
                    'bench'
                from job j
                where not exists (select from job_revision r where r.job_id = j.id)
                """);
    }
}
