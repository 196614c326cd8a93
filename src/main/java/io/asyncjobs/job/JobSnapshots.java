package io.asyncjobs.job;

import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.script.ScriptSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Revisions as runs need them, the ones lately used kept in memory, each script once. Thread-safe.
 *
 * <p>They are read over the connections of claims and ends, where a server that does not answer is given up after seconds:
 * claims wait for them.
 */
@ApplicationScoped
public class JobSnapshots {

    private static final Logger LOG = Logger.getLogger(JobSnapshots.class);

    /** Characters of scripts and parameters that are kept: a fraction of the smallest heap that makes sense. */
    private static final long KEPT_CHARS = 32L * 1024 * 1024;

    /** What an entry costs beside its texts. */
    private static final long ENTRY_CHARS = 200;

    /** One revision of one job. */
    public record Key(UUID job, int revision) {}

    /**
     * A revision as it lies in the tables.
     *
     * @param version another one after each change of the rows: revisions never change, so a change is damage or its repair
     */
    private record Row(
            UUID job,
            int revision,
            String name,
            String sha256,
            String version,
            boolean strict,
            String parameters,
            int timeoutSeconds,
            JobLimits limits,
            JobSnapshot.@Nullable User user) {

        JobSnapshot with(ScriptSource script) {
            return new JobSnapshot(
                    job, name, revision, script, strict, parameters, Duration.ofSeconds(timeoutSeconds), limits, user);
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

    /**
     * What is in memory of a revision, when it was last seen to be what the tables hold, and whether a run has wanted it since
     * then.
     */
    private static final class Kept {
        final JobSnapshot snapshot;
        final String version;
        long lookedAt = System.nanoTime();
        boolean used;

        Kept(JobSnapshot snapshot, String version) {
            this.snapshot = snapshot;
            this.version = version;
        }
    }

    /** The transactions that wrote the rows. */
    private static final String VERSION = "r.xmin::text || ' ' || s.xmin::text";

    /** What is in memory and was compared with the tables so long ago is compared before a run uses it. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int COMPARED_AT_ONCE = 500;

    private final StoredContents contents;
    private final Jdbi jdbi;

    /** Held by whoever reads, so that those who wait for the same do not take all connections. */
    private final ReentrantLock reading = new ReentrantLock();

    private final Set<Key> wanted = ConcurrentHashMap.newKeySet();

    // Guarded by kept; in order of use
    private final Map<Key, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Shared> sources = new HashMap<>();
    private long chars;

    JobSnapshots(StoredContents contents, @DataSource("schedule") Jdbi jdbi) {
        this.contents = contents;
        this.jdbi = jdbi;
    }

    /**
     * What a run of that revision needs; empty once the job is gone.
     *
     * @throws UnreadableJobException where that is stored damaged
     */
    public Optional<JobSnapshot> of(UUID job, int revision) {
        Optional<JobSnapshot> known = known(job, revision);
        if (known.isPresent()) {
            return known;
        }
        Key key = new Key(job, revision);
        wanted.add(key);
        reading.lock();
        try {
            return known(job, revision).or(() -> read(key));
        } finally {
            wanted.remove(key);
            reading.unlock();
        }
    }

    /** With all that others wait for by now. */
    private Optional<JobSnapshot> read(Key key) {
        Map<String, ScriptSource> read = new HashMap<>();
        Optional<JobSnapshot> found = Optional.empty();
        UnreadableJobException damaged = null;
        for (Row row : rows(List.copyOf(wanted))) {
            boolean own = key.equals(new Key(row.job(), row.revision()));
            try {
                JobSnapshot snapshot = keep(row, read);
                found = own ? Optional.of(snapshot) : found;
            } catch (UnreadableJobException e) {
                damaged = own ? e : damaged;
            }
        }
        if (damaged != null) {
            throw damaged;
        }
        return found;
    }

    /** As {@link #of}, where it is in memory. */
    public Optional<JobSnapshot> known(UUID job, int revision) {
        synchronized (kept) {
            Kept known = kept.get(new Key(job, revision));
            return known == null ? Optional.empty() : Optional.of(known.snapshot);
        }
    }

    /**
     * Reads those that are not in memory yet with one statement, so that they are when they are needed a moment later. What
     * cannot be read is left to {@link #of}. What is in memory of jobs that run seldom is compared with the tables before.
     */
    public void fetch(Collection<Key> wanted) {
        forgetAltered(seenLongAgo(wanted));
        List<Key> missing = new ArrayList<>();
        synchronized (kept) {
            for (Key key : wanted) {
                Kept known = kept.get(key);
                if (known == null) {
                    missing.add(key);
                } else {
                    known.used = true;
                }
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        Map<String, ScriptSource> read = new HashMap<>();
        for (Row row : rows(missing)) {
            try {
                keep(row, read);
            } catch (UnreadableJobException e) {
                LOG.debugf(e, "A job cannot be read; the run that needs it will say so");
            }
        }
    }

    /**
     * Compares what runs have wanted since the last time, so that claims need not, and forgets what was altered in the tables
     * since it was read: a run is to fail of what is damaged now.
     */
    @Scheduled(every = "5s", delayed = "5s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void forgetAltered() {
        List<Key> due = new ArrayList<>();
        synchronized (kept) {
            kept.forEach((key, known) -> {
                if (known.used) {
                    due.add(key);
                }
            });
        }
        try {
            for (int from = 0; from < due.size(); from += COMPARED_AT_ONCE) {
                forgetAltered(due.subList(from, Math.min(due.size(), from + COMPARED_AT_ONCE)));
            }
        } catch (RuntimeException e) {
            LOG.debugf(e, "What is in memory of %d jobs cannot be compared with the tables now", due.size());
        }
    }

    private List<Key> seenLongAgo(Collection<Key> wanted) {
        long now = System.nanoTime();
        List<Key> found = new ArrayList<>();
        synchronized (kept) {
            for (Key key : wanted) {
                Kept known = kept.get(key);
                if (known != null && now - known.lookedAt > LOOK_AGAIN_NANOS) {
                    found.add(key);
                }
            }
        }
        return found;
    }

    private void forgetAltered(List<Key> due) {
        if (due.isEmpty()) {
            return;
        }
        long asked = System.nanoTime();
        Map<Key, String> versions = versions(due);
        synchronized (kept) {
            Set<String> altered = new HashSet<>();
            for (Key key : due) {
                Kept known = kept.get(key);
                if (known == null) {
                    continue;
                }
                known.lookedAt = asked;
                known.used = false;
                if (!known.version.equals(versions.get(key))) {
                    altered.add(known.snapshot.script().sha256());
                }
            }
            // With all that share the script, which may be what was altered
            if (!altered.isEmpty()) {
                kept.values().removeIf(known -> {
                    boolean gone = altered.contains(known.snapshot.script().sha256());
                    if (gone) {
                        forget(known.snapshot);
                    }
                    return gone;
                });
            }
        }
    }

    private Map<Key, String> versions(List<Key> keys) {
        Map<Key, String> versions = new HashMap<>();
        jdbi.useHandle(handle -> bound(handle.createQuery("""
                        select r.job_id, r.revision, %s as version
                        from unnest(:jobs, :revisions) as k (job_id, revision)
                            join job_revision r on r.job_id = k.job_id and r.revision = k.revision
                            join script s on s.sha256 = r.script_sha256
                        """.formatted(VERSION)), keys)
                .map((row, context) -> Map.entry(
                        new Key(row.getObject("job_id", UUID.class), row.getInt("revision")), row.getString("version")))
                .forEach(entry -> versions.put(entry.getKey(), entry.getValue())));
        return versions;
    }

    private static Query bound(Query query, List<Key> keys) {
        return query.bindArray("jobs", UUID.class, keys.stream().map(Key::job).toArray())
                .bindArray(
                        "revisions",
                        Integer.class,
                        keys.stream().map(Key::revision).toArray());
    }

    private List<Row> rows(List<Key> keys) {
        return jdbi.withHandle(handle -> bound(handle.createQuery("""
                        select r.job_id, r.revision, r.name, r.script_sha256, %s as version, r.strict, r.parameters,
                            r.timeout_seconds, r.log_bytes, r.result_bytes, r.state_chars, r.host_calls,
                            a.username, a.display_name
                        from unnest(:jobs, :revisions) as k (job_id, revision)
                            join job_revision r on r.job_id = k.job_id and r.revision = k.revision
                            join script s on s.sha256 = r.script_sha256
                            left join account a on a.id = r.associated_account
                        """.formatted(VERSION)), keys)
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
                row.getString("version"),
                row.getBoolean("strict"),
                row.getString("parameters"),
                row.getInt("timeout_seconds"),
                new JobLimits(
                        row.getObject("log_bytes", Integer.class),
                        row.getObject("result_bytes", Integer.class),
                        row.getObject("state_chars", Integer.class),
                        row.getObject("host_calls", Integer.class)),
                username == null ? null : new JobSnapshot.User(username, row.getString("display_name")));
    }

    private @Nullable ScriptSource source(String sha256, List<Violation> damage) {
        synchronized (kept) {
            Shared known = sources.get(sha256);
            if (known != null) {
                return known.source;
            }
        }
        return contents.script(jdbi, sha256, damage);
    }

    /** Keeps the row in memory, and the source that it needs among those that were read. */
    private JobSnapshot keep(Row row, Map<String, ScriptSource> read) {
        List<Violation> damage = new ArrayList<>();
        ScriptSource script = read.get(row.sha256());
        if (script == null) {
            script = source(row.sha256(), damage);
        }
        contents.object("parameters", row.parameters(), damage);
        if (script == null || !damage.isEmpty()) {
            throw new UnreadableJobException(row.name(), row.revision(), damage);
        }
        read.put(row.sha256(), script);
        JobSnapshot snapshot = row.with(script);
        keep(snapshot, row.version());
        return snapshot;
    }

    private void keep(JobSnapshot snapshot, String version) {
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
            kept.put(key, new Kept(snapshot.withScript(script.source), version));
            chars += chars(snapshot);
            Iterator<Kept> eldest = kept.values().iterator();
            while (chars > KEPT_CHARS) {
                forget(eldest.next().snapshot);
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
