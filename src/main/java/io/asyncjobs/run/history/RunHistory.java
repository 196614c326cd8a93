package io.asyncjobs.run.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.job.JobSnapshots;
import io.asyncjobs.job.UnreadableJobException;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.run.host.ErrorJson;
import io.asyncjobs.script.ScriptError;
import io.asyncjobs.script.ScriptSource;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** What runs left behind, read: single runs, lists of them, their logs. */
@Singleton
public class RunHistory {

    private static final Logger LOG = Logger.getLogger(RunHistory.class);

    /** Which runs a list holds; null takes all. Times are those the runs were scheduled for: from, before to. */
    public record Filter(
            @Nullable String outcome,
            @Nullable Instant from,
            @Nullable Instant to) {}

    /**
     * A part of a run's log: a JSON array of lines. The last one of a run that goes on may still grow.
     *
     * @param bytes the length of the JSON
     */
    record LogChunk(int number, int bytes) {}

    /**
     * Runs of one page, and how many there are on all pages.
     *
     * @param next what the page behind it begins after; null where there is none
     */
    record Found(List<RunView> runs, long total, @Nullable String next) {}

    /** The most bytes of a result, of an error and of effects that a list gives: a larger one is not even read. */
    private static final int MAX_LISTED = 2_048;

    private static final String RUN = """
            select r.id, r.job_id, v.name as job_name, r.revision, s.md5, r.trigger, r.scheduled_for, r.started_at,
                r.finished_at, r.outcome, n.name as node, r.epoch, r.associated_user, r.log_truncated,
                r.parameters is not null as own_parameters,
            """;

    private static final List<String> HEAVY = List.of("result", "error", "effects");

    private static final String WHOLE =
            "r.result, r.error, r.effects, coalesce(r.parameters, v.parameters) as parameters";

    /** The length of a value that lies apart from its row is told without reading it, and so is the beginning. */
    private static final String LISTED = """
            null as parameters,
            case when octet_length(r.result) <= %1$d then r.result end as result,
            case when octet_length(r.error) <= %1$d then r.error else left(r.error, %1$d) end as error,
            case when octet_length(r.effects) <= %1$d then r.effects end as effects,
            coalesce(octet_length(r.result) > %1$d, false) as result_omitted,
            coalesce(octet_length(r.error) > %1$d, false) as error_omitted,
            coalesce(octet_length(r.effects) > %1$d, false) as effects_omitted
            """.formatted(MAX_LISTED);

    private static final String FROM = """

            from run_history r
                left join job_revision v on v.job_id = r.job_id and v.revision = r.revision
                left join script s on s.sha256 = v.script_sha256
                left join node n on n.id = r.node_id
            """;

    /**
     * A run that is claimed ahead of its tick may yet be given back: it is no run before that. There is but one, named by its
     * lease, so that counting the others needs no more of them than an index has.
     */
    private static final String OF_JOB = """
            where r.job_id = :job
                and r.id is distinct from (
                    select c.id from job_timer t join run c on c.id = t.lease_run
                    where t.job_id = :job and c.scheduled_for > clock_timestamp())
                and (:outcome::text is null or r.outcome = :outcome)
                and (:from::timestamptz is null or r.scheduled_for >= :from)
                and (:to::timestamptz is null or r.scheduled_for < :to)
            """;

    private final Jdbi jdbi;
    private final JobSnapshots jobs;
    private final ObjectMapper json;

    RunHistory(Jdbi jdbi, JobSnapshots jobs, ObjectMapper json) {
        this.jdbi = jdbi;
        this.jobs = jobs;
        this.json = json;
    }

    Optional<RunView> find(UUID run) {
        Optional<RunView> found = jdbi.withHandle(handle -> handle.createQuery(RUN + WHOLE + FROM + "where r.id = :run")
                .bind("run", run)
                .map((row, context) -> view(row, List.of()))
                .findOne());
        return found.map(this::withCode);
    }

    /** Whether that run goes on; nothing else of it is read. */
    boolean goesOn(UUID run) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select exists (select from run_history where id = :run and outcome is null)")
                .bind("run", run)
                .mapTo(Boolean.class)
                .one());
    }

    /** A page of a job's runs, latest first, without what is too large for a list. */
    public Found ofJob(UUID job, Filter filter, PageRequest page) {
        return ofJob(job, filter, page, true, null);
    }

    /**
     * As {@link #ofJob(UUID, Filter, PageRequest)}, in either order.
     *
     * @param after the run that the page begins behind, in its order
     */
    public Found ofJob(UUID job, Filter filter, PageRequest page, boolean latestFirst, @Nullable UUID after) {
        return jdbi.withHandle(handle -> {
            // One more than asked for tells whether there is a page behind it
            List<RunView> found = handle.createQuery(RUN + LISTED + FROM + OF_JOB
                            + (latestFirst
                                    ? "and (:after::uuid is null or r.id < :after) order by r.id desc"
                                    : "and (:after::uuid is null or r.id > :after) order by r.id")
                            + " offset :offset limit :size")
                    .bind("job", job)
                    .bind("outcome", filter.outcome())
                    .bind("from", utc(filter.from()))
                    .bind("to", utc(filter.to()))
                    .bind("after", after)
                    .bind("offset", after == null ? page.offset() : 0)
                    .bind("size", page.size() + 1)
                    .map((row, context) -> listed(row))
                    .list();
            boolean more = found.size() > page.size();
            List<RunView> runs = more ? found.subList(0, page.size()) : found;
            long total = handle.createQuery("select count(*) from run_history r " + OF_JOB)
                    .bind("job", job)
                    .bind("outcome", filter.outcome())
                    .bind("from", utc(filter.from()))
                    .bind("to", utc(filter.to()))
                    .mapTo(Long.class)
                    .one();
            return new Found(runs, total, more ? runs.getLast().id().toString() : null);
        });
    }

    /**
     * The first chunk of a run's log that is on record and not known yet: of that number, where its length is another by now,
     * or a later one.
     */
    Optional<LogChunk> nextChunk(UUID run, int from, int knownBytes) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select chunk, octet_length(lines) as bytes
                        from run_log_history
                        where run_id = :run and (chunk > :from or chunk = :from and octet_length(lines) <> :known)
                        order by chunk
                        limit 1
                        """)
                .bind("run", run)
                .bind("from", from)
                .bind("known", knownBytes)
                .map((row, context) -> new LogChunk(row.getInt("chunk"), row.getInt("bytes")))
                .findOne());
    }

    /** So many characters of that chunk's JSON, from that one on, counted from 0; fewer at its end. */
    String logPiece(UUID run, int chunk, int from, int most) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select substr(lines, :from, :most) from run_log_history where run_id = :run and chunk = :chunk
                        """)
                .bind("run", run)
                .bind("chunk", chunk)
                .bind("from", from + 1)
                .bind("most", most)
                .mapTo(String.class)
                .findOne()
                .orElse(""));
    }

    /** With the line of the script where it failed, which is not kept with the run: sources are sealed. */
    private RunView withCode(RunView run) {
        String error = run.error();
        if (error == null) {
            return run;
        }
        try {
            return jobs.of(run.jobId(), run.revision())
                    .map(job -> run.withError(withCode(error, job.script())))
                    .orElse(run);
        } catch (UnreadableJobException e) {
            LOG.debugf(e, "The error of run %s is shown without the line of its script", run.id());
            return run;
        }
    }

    private String withCode(String error, ScriptSource script) {
        try {
            return ErrorJson.of(json.readValue(error, ScriptError.class).withCode(script.text()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A run's stored error cannot be read", e);
        }
    }

    /** As it stands in a list: what is too large for one is left out and named. */
    private RunView listed(ResultSet row) throws SQLException {
        List<String> omitted = new ArrayList<>();
        for (String field : HEAVY) {
            if (row.getBoolean(field + "_omitted")) {
                omitted.add(field);
            }
        }
        RunView run = view(row, omitted);
        String error = run.error();
        return error != null && omitted.contains("error") ? run.withError(beginning(error)) : run;
    }

    /** The error whose JSON begins so and was cut: its message, and its place where that is not cut off. */
    private String beginning(String cut) {
        // What is cut may be a character of several, or one that is written as an escape
        for (int length = cut.length(); length >= Math.max(0, cut.length() - 12); length--) {
            try {
                ScriptError error = json.readValue(cut.substring(0, length) + "\"}", ScriptError.class);
                return ErrorJson.of(new ScriptError(error.message(), error.line(), error.column(), null));
            } catch (JsonProcessingException e) {
                LOG.tracef(e, "Not where an error can be cut");
            }
        }
        return ErrorJson.of(ScriptError.of("The error is too long for a list"));
    }

    private static RunView view(ResultSet row, List<String> omitted) throws SQLException {
        Instant started = instant(row, "started_at");
        Instant finished = instant(row, "finished_at");
        return new RunView(
                row.getObject("id", UUID.class),
                row.getObject("job_id", UUID.class),
                row.getString("job_name"),
                row.getInt("revision"),
                row.getString("md5"),
                row.getString("trigger"),
                row.getObject("scheduled_for", OffsetDateTime.class).toInstant(),
                started,
                finished,
                millis(started, finished),
                row.getString("outcome"),
                row.getString("node"),
                row.getLong("epoch"),
                row.getString("associated_user"),
                row.getBoolean("own_parameters"),
                object(row.getString("parameters")),
                row.getString("result"),
                row.getString("error"),
                row.getString("effects"),
                row.getBoolean("log_truncated"),
                omitted);
    }

    /** Those of a revision may be stored damaged, which its page says. */
    private static @Nullable String object(@Nullable String stored) {
        return stored == null || StoredJson.object(stored) == null ? null : stored;
    }

    static @Nullable Long millis(@Nullable Instant started, @Nullable Instant finished) {
        return started == null || finished == null
                ? null
                : Duration.between(started, finished).toMillis();
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
