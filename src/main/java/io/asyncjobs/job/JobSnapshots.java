package io.asyncjobs.job;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Revisions as runs need them, the ones lately used kept in memory. Thread-safe. */
@ApplicationScoped
public class JobSnapshots {

    private static final int KEPT = 2_000;

    private record Key(UUID job, int revision) {}

    private final Jobs jobs;

    private final Map<Key, JobSnapshot> kept = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, JobSnapshot> eldest) {
            return size() > KEPT;
        }
    };

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
        read.ifPresent(snapshot -> {
            synchronized (kept) {
                kept.put(key, snapshot);
            }
        });
        return read;
    }
}
