package io.asyncjobs.job;

import io.asyncjobs.platform.crypto.UnreadableSecretException;
import io.asyncjobs.script.ScriptSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Revisions as runs need them, the ones lately used kept in memory, each script once. Thread-safe. */
@ApplicationScoped
public class JobSnapshots {

    private static final Logger LOG = Logger.getLogger(JobSnapshots.class);

    /** Characters of scripts and parameters that are kept: a fraction of the smallest heap that makes sense. */
    private static final long KEPT_CHARS = 32L * 1024 * 1024;

    /** What an entry costs beside its texts. */
    private static final long ENTRY_CHARS = 200;

    /** One revision of one job. */
    public record Key(UUID job, int revision) {}

    private record Row(
            UUID job,
            int revision,
            String name,
            String sha256,
            String parameters,
            int timeoutSeconds,
            JobLimits limits,
            JobSnapshot.@Nullable User user) {

        JobSnapshot with(ScriptSource script) {
            return new JobSnapshot(
                    job, name, revision, script, parameters, Duration.ofSeconds(timeoutSeconds), limits, user);
        }
    }

    /** A source, and how many of the kept revisions hold it. */
    private static final class Shared {
        final ScriptSource source;
        int uses;

        Shared(ScriptSource source) {
            this.source = source;
        }
    }

    private final Jobs jobs;
    private final StoredScripts scripts;
    private final Jdbi jdbi;

    // Guarded by kept; in order of use
    private final Map<Key, JobSnapshot> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Shared> sources = new HashMap<>();
    private long chars;

    JobSnapshots(Jobs jobs, StoredScripts scripts, Jdbi jdbi) {
        this.jobs = jobs;
        this.scripts = scripts;
        this.jdbi = jdbi;
    }

    /** What a run of that revision needs; empty once the job is gone. */
    public Optional<JobSnapshot> of(UUID job, int revision) {
        Optional<JobSnapshot> known = known(job, revision);
        if (known.isPresent()) {
            return known;
        }
        Optional<JobSnapshot> read = jobs.snapshot(job, revision);
        read.ifPresent(this::keep);
        return read;
    }

    /** As {@link #of}, where it is in memory. */
    public Optional<JobSnapshot> known(UUID job, int revision) {
        synchronized (kept) {
            return Optional.ofNullable(kept.get(new Key(job, revision)));
        }
    }

    /**
     * Reads those that are not in memory yet with one statement, so that they are when they are needed a moment later. What
     * cannot be read is left to {@link #of}.
     */
    public void fetch(Collection<Key> wanted) {
        List<Key> missing = new ArrayList<>();
        synchronized (kept) {
            for (Key key : wanted) {
                if (!kept.containsKey(key)) {
                    missing.add(key);
                }
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        try {
            Map<String, ScriptSource> read = new HashMap<>();
            for (Row row : rows(missing)) {
                keep(row.with(read.computeIfAbsent(row.sha256(), this::source)));
            }
        } catch (UnreadableSecretException e) {
            LOG.debugf(e, "A script cannot be read; the run that needs it will say so");
        }
    }

    private List<Row> rows(List<Key> keys) {
        List<UUID> jobIds = new ArrayList<>();
        List<Integer> revisions = new ArrayList<>();
        for (Key key : keys) {
            jobIds.add(key.job());
            revisions.add(key.revision());
        }
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select r.job_id, r.revision, r.name, r.script_sha256, r.parameters, r.timeout_seconds, r.log_bytes,
                            r.result_bytes, r.state_chars, r.host_calls, a.username, a.display_name
                        from unnest(:jobs, :revisions) as k (job_id, revision)
                            join job_revision r on r.job_id = k.job_id and r.revision = k.revision
                            left join account a on a.id = r.associated_account
                        """)
                .bindArray("jobs", UUID.class, jobIds.toArray())
                .bindArray("revisions", Integer.class, revisions.toArray())
                .map((row, context) -> row(row))
                .list());
    }

    private static Row row(ResultSet row) throws SQLException {
        String username = row.getString("username");
        return new Row(
                row.getObject("job_id", UUID.class),
                row.getInt("revision"),
                row.getString("name"),
                row.getString("script_sha256"),
                row.getString("parameters"),
                row.getInt("timeout_seconds"),
                new JobLimits(
                        row.getObject("log_bytes", Integer.class),
                        row.getObject("result_bytes", Integer.class),
                        row.getObject("state_chars", Integer.class),
                        row.getObject("host_calls", Integer.class)),
                username == null ? null : new JobSnapshot.User(username, row.getString("display_name")));
    }

    private ScriptSource source(String sha256) {
        synchronized (kept) {
            Shared known = sources.get(sha256);
            if (known != null) {
                return known.source;
            }
        }
        return scripts.source(sha256);
    }

    private void keep(JobSnapshot snapshot) {
        Key key = new Key(snapshot.jobId(), snapshot.revision());
        synchronized (kept) {
            if (kept.containsKey(key)) {
                return;
            }
            Shared script =
                    sources.computeIfAbsent(snapshot.script().sha256(), sha256 -> new Shared(snapshot.script()));
            if (script.uses++ == 0) {
                chars += script.source.text().length();
            }
            kept.put(key, snapshot.withScript(script.source));
            chars += chars(snapshot);
            Iterator<JobSnapshot> eldest = kept.values().iterator();
            while (chars > KEPT_CHARS) {
                forget(eldest.next());
                eldest.remove();
            }
        }
    }

    private void forget(JobSnapshot snapshot) {
        chars -= chars(snapshot);
        Shared script = sources.get(snapshot.script().sha256());
        if (script != null && --script.uses == 0) {
            sources.remove(snapshot.script().sha256());
            chars -= script.source.text().length();
        }
    }

    private static long chars(JobSnapshot snapshot) {
        return ENTRY_CHARS + snapshot.parameters().length();
    }
}
