package io.asyncjobs.job;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Revisions as runs need them, the ones lately used kept in memory. Thread-safe. */
@ApplicationScoped
public class JobSnapshots {

    /** Characters of scripts and parameters that are kept: a fraction of the smallest heap that makes sense. */
    private static final long KEPT_CHARS = 16L * 1024 * 1024;

    /** What an entry costs beside its texts. */
    private static final long ENTRY_CHARS = 500;

    private record Key(UUID job, int revision) {}

    private final Jobs jobs;

    // Guarded by kept; in order of use
    private final Map<Key, JobSnapshot> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long chars;

    JobSnapshots(Jobs jobs) {
        this.jobs = jobs;
    }

    /** What a run of that revision needs; empty once the job is gone. */
    public Optional<JobSnapshot> of(UUID job, int revision) {
        Key key = new Key(job, revision);
        synchronized (kept) {
            JobSnapshot known = kept.get(key);
            if (known != null) {
                return Optional.of(known);
            }
        }
        Optional<JobSnapshot> read = jobs.snapshot(job, revision);
        read.ifPresent(snapshot -> keep(key, snapshot));
        return read;
    }

    private void keep(Key key, JobSnapshot snapshot) {
        synchronized (kept) {
            if (kept.putIfAbsent(key, snapshot) == null) {
                chars += chars(snapshot);
            }
            Iterator<JobSnapshot> eldest = kept.values().iterator();
            while (chars > KEPT_CHARS) {
                chars -= chars(eldest.next());
                eldest.remove();
            }
        }
    }

    private static long chars(JobSnapshot snapshot) {
        return ENTRY_CHARS
                + snapshot.script().text().length()
                + snapshot.parameters().length();
    }
}
