package io.asyncjobs.run.history;

import io.asyncjobs.job.JobActivities;
import io.asyncjobs.job.JobActivity;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** What lists of jobs tell about their runs. */
@Singleton
public class RunActivities implements JobActivities {

    /** Of a timer {@code t} with its latest run {@code r}: while that goes on, the one before it counts. */
    private static final String LAST_OUTCOME = """
            case when t.lease_run is null then r.outcome else (
                select e.outcome from run_history e
                where e.job_id = t.job_id and e.id < t.lease_run and e.outcome is not null
                order by e.id desc
                limit 1) end""";

    private static final String RUNNING = """
            select t.job_id
            from unnest(:jobs) as j (job_id)
                join job_timer t on t.job_id = j.job_id
            where t.lease_run is not null
            """;

    /** Looks each job up by itself: joined, they would be reason enough for the planner to read all runs. */
    private static final String WITH_OUTCOME = """
            select j.job_id
            from unnest(:jobs) as j (job_id)
            where (
                select coalesce(
            """ + LAST_OUTCOME + """
                    , case when t.lease_run is null then 'none' end)
                from job_timer t
                    left join run_history r on r.id = t.last_run
                where t.job_id = j.job_id) = :outcome
            """;

    /**
     * Of a timer {@code t}: how many of its last {@code :recent} ticks a run kept from running, the one going on included. A
     * job has no more gaps in that time than ticks, so that this reads few rows.
     */
    private static final String OVERLAPPED_TICKS = """
            case when t.next_tick is not null and not t.paused
                    and timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is null then (
                select least(:recent, coalesce(sum(gap_ticks_within(g.first_tick, g.interval_seconds, g.ticks, 0,
                        now() - make_interval(secs => :recent * t.interval_seconds), now())), 0)
                    + case when t.lease_run is null then 0
                        else ticks_until(t.next_tick, t.interval_seconds, now()) end)
                from tick_gap g
                where g.job_id = t.job_id and g.reason = 'overlap'
                    and g.last_tick >= now() - make_interval(secs => :recent * t.interval_seconds)
            ) else 0 end""";

    /** The same within the last hour: no more gaps than ticks here either. */
    private static final String OVERLAPPED_LAST_HOUR = """
            case when t.next_tick is null then 0 else coalesce((
                select sum(gap_ticks_within(g.first_tick, g.interval_seconds, g.ticks, 0, now() - interval '1 hour', now()))
                from tick_gap g
                where g.job_id = t.job_id and g.reason = 'overlap' and g.last_tick >= now() - interval '1 hour'
            ), 0) + case when t.lease_run is not null and not t.paused
                    and timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is null
                then ticks_until(t.next_tick, t.interval_seconds, now()) else 0 end end""";

    private final Jdbi jdbi;

    RunActivities(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    @Override
    public Map<UUID, JobActivity> of(Collection<UUID> jobs) {
        Map<UUID, JobActivity> activities = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery("""
                        select t.job_id, case when not t.paused and t.blocked is null then t.next_tick end as next_tick,
                            t.blocked,
                            r.id, r.outcome, r.scheduled_for, r.started_at, r.finished_at,
                        """ + LAST_OUTCOME + " as last_outcome, " + OVERLAPPED_TICKS
                        + " as overlapped_ticks, " + OVERLAPPED_LAST_HOUR + """
                         as overlapped_last_hour, least(t.failing_since, t.blocked_at) as failing_since, t.last_success_at
                        from job_timer t
                            left join run_history r on r.id = t.last_run
                        where t.job_id = any(:jobs)
                        """)
                .bindArray("jobs", UUID.class, jobs.toArray())
                .bind("recent", JobActivity.RECENT_TICKS)
                .map((row, context) -> {
                    UUID run = row.getObject("id", UUID.class);
                    Instant started = RunHistory.instant(row, "started_at");
                    Instant finished = RunHistory.instant(row, "finished_at");
                    Instant scheduled = RunHistory.instant(row, "scheduled_for");
                    JobActivity.LastRun last = run == null || scheduled == null
                            ? null
                            : new JobActivity.LastRun(
                                    run,
                                    row.getString("outcome"),
                                    scheduled,
                                    started,
                                    finished,
                                    RunHistory.millis(started, finished));
                    return Map.entry(
                            row.getObject("job_id", UUID.class),
                            new JobActivity(
                                    RunHistory.instant(row, "next_tick"),
                                    last,
                                    row.getString("last_outcome"),
                                    RunHistory.instant(row, "failing_since"),
                                    RunHistory.instant(row, "last_success_at"),
                                    row.getInt("overlapped_ticks"),
                                    row.getInt("overlapped_last_hour"),
                                    row.getString("blocked")));
                })
                .forEach(entry -> activities.put(entry.getKey(), entry.getValue())));
        return activities;
    }

    @Override
    public Map<UUID, State> states() {
        Map<UUID, State> states = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery("""
                        select job_id, lease_run is not null as running, blocked is not null as blocked,
                            least(failing_since, blocked_at) as failing_since, last_success_at
                        from job_timer
                        """)
                .map((row, context) -> Map.entry(
                        row.getObject("job_id", UUID.class),
                        new State(
                                row.getBoolean("running"),
                                row.getBoolean("blocked"),
                                RunHistory.instant(row, "failing_since"),
                                RunHistory.instant(row, "last_success_at"))))
                .forEach(entry -> states.put(entry.getKey(), entry.getValue())));
        return states;
    }

    @Override
    public Set<UUID> withOutcome(Collection<UUID> jobs, String outcome) {
        boolean running = outcome.equals("running");
        return new HashSet<>(jdbi.withHandle(handle -> {
            Query query =
                    handle.createQuery(running ? RUNNING : WITH_OUTCOME).bindArray("jobs", UUID.class, jobs.toArray());
            return (running ? query : query.bind("outcome", outcome))
                    .mapTo(UUID.class)
                    .list();
        }));
    }

    /**
     * Since when and how a job fails. Runs whose history is deleted are null.
     *
     * @param since when its first run that failed since the last success ended
     * @param runs how many have failed since
     * @param first the first one of them
     * @param latest the last one of them
     * @param succeeded the last one that succeeded
     * @param succeededAt when that was, also where it is deleted; null if none ever did
     */
    public record Failure(
            Instant since,
            long runs,
            @Nullable KnownRun first,
            @Nullable KnownRun latest,
            @Nullable KnownRun succeeded,
            @Nullable Instant succeededAt) {}

    /**
     * A run on record, with the revision that it ran.
     *
     * @param parametersOverridden whether it had parameters of its own
     */
    public record KnownRun(UUID id, int revision, boolean parametersOverridden) {}

    /** How that job fails; empty where it does not. */
    public Optional<Failure> failure(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select t.failing_since, t.failed_runs, t.last_success_at, f.id as first_id,
                            f.revision as first_revision, f.parameters is not null as first_overridden,
                            l.id as latest_id, l.revision as latest_revision,
                            l.parameters is not null as latest_overridden,
                            s.id as succeeded_id, s.revision as succeeded_revision,
                            s.parameters is not null as succeeded_overridden
                        from job_timer t
                            left join run_history f on f.id = t.failing_run
                            left join run_history s on s.id = t.last_success_run
                            left join lateral (
                                select id, revision, parameters
                                from run_history
                                where job_id = t.job_id and id >= t.failing_run
                                    and outcome in ('failed', 'timed_out', 'limit_exceeded', 'lost')
                                order by id desc
                                limit 1
                            ) l on true
                        where t.job_id = :job and t.failing_since is not null
                        """)
                .bind("job", job)
                .map((row, context) -> new Failure(
                        row.getObject("failing_since", OffsetDateTime.class).toInstant(),
                        row.getLong("failed_runs"),
                        known(row, "first"),
                        known(row, "latest"),
                        known(row, "succeeded"),
                        RunHistory.instant(row, "last_success_at")))
                .findOne());
    }

    private static @Nullable KnownRun known(ResultSet row, String which) throws SQLException {
        UUID id = row.getObject(which + "_id", UUID.class);
        return id == null
                ? null
                : new KnownRun(id, row.getInt(which + "_revision"), row.getBoolean(which + "_overridden"));
    }

    /** A run in a strip of the latest ones; the outcome is null while it goes on. */
    public record Mark(
            UUID id,
            @Nullable String outcome,
            Instant scheduledFor,
            @Nullable Long durationMillis) {}

    /** The latest runs of each of these jobs, oldest first, at most so many; a job without runs is missing. */
    public Map<UUID, List<Mark>> latest(Collection<UUID> jobs, int atMost) {
        Map<UUID, List<Mark>> marks = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery("""
                        select j.job_id, r.id, r.outcome, r.scheduled_for, r.started_at, r.finished_at
                        from unnest(:jobs) as j (job_id)
                            cross join lateral (
                                select id, outcome, scheduled_for, started_at, finished_at
                                from run_history
                                where job_id = j.job_id
                                order by id desc
                                limit :most
                            ) r
                        order by r.id
                        """)
                .bindArray("jobs", UUID.class, jobs.toArray())
                .bind("most", atMost)
                .map((row, context) -> Map.entry(
                        row.getObject("job_id", UUID.class),
                        new Mark(
                                row.getObject("id", UUID.class),
                                row.getString("outcome"),
                                row.getObject("scheduled_for", OffsetDateTime.class)
                                        .toInstant(),
                                RunHistory.millis(
                                        RunHistory.instant(row, "started_at"),
                                        RunHistory.instant(row, "finished_at")))))
                .forEach(entry -> marks.computeIfAbsent(entry.getKey(), job -> new ArrayList<>())
                        .add(entry.getValue())));
        return marks;
    }
}
