package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds jobs and lets them go on; each method is one transaction. A pause makes no revision. */
@ApplicationScoped
public class JobPauses {

    private final Jobs jobs;
    private final JobRepository stored;
    private final DatabaseClock clock;
    private final JobChanges changes;

    JobPauses(Jobs jobs, JobRepository stored, DatabaseClock clock, JobChanges changes) {
        this.jobs = jobs;
        this.stored = stored;
        this.clock = clock;
        this.changes = changes;
    }

    /**
     * Holds the job, or changes end and reason of its pause; a run in flight ends as it would.
     *
     * @throws InvalidException when {@code until} is past
     * @throws RefusedException when the job is archived
     */
    @Transactional
    Job pause(String idOrName, @Nullable Instant until, @Nullable String reason, String by) {
        Job job = jobs.lock(idOrName);
        Instant now = clock.now();
        if (until != null && !until.isAfter(now)) {
            throw new InvalidException("until", "must lie in the future; by the database's clock it is " + now);
        }
        if (job.archived) {
            throw new RefusedException("job-archived", "The job is archived, so there is nothing to pause.");
        }
        boolean same =
                job.paused() && Objects.equals(job.pausedUntil, until) && Objects.equals(job.pauseReason, reason);
        if (!same) {
            ObjectNode before = JobChanges.state(job);
            if (!job.paused()) {
                job.scheduleChangedAt = JobSaves.later(job.scheduleChangedAt, now);
            }
            job.pause(now, until, by, reason);
            touch(job);
            changes.tell(List.of(JobChanges.changed(job, before, "pause", by, reason)));
        }
        return job;
    }

    /** Lets the job go on at its next tick; does nothing where it is not paused. */
    @Transactional
    Job resume(String idOrName, @Nullable String reason, String by) {
        Job job = jobs.lock(idOrName);
        if (job.paused()) {
            ObjectNode before = JobChanges.state(job);
            resume(job, clock.now());
            changes.tell(List.of(JobChanges.changed(job, before, "resume", by, reason)));
        }
        return job;
    }

    /** How many jobs in use are paused. */
    @Transactional
    PausedJobsView count() {
        return stored.countPaused();
    }

    /** Ends the pauses whose end has come, as of that end; returns the earliest of those ends. */
    @Transactional
    public Optional<Instant> resumeDue() {
        Optional<Instant> earliest = Optional.empty();
        for (Job job : stored.lockPausedUntil(clock.now())) {
            Instant until = Objects.requireNonNull(job.pausedUntil);
            ObjectNode before = JobChanges.state(job);
            String pausedBy = job.pausedBy;
            resume(job, until);
            changes.tell(List.of(JobChanges.resumedByItself(job, before, pausedBy)));
            if (earliest.isEmpty() || job.scheduleChangedAt.isBefore(earliest.get())) {
                earliest = Optional.of(job.scheduleChangedAt);
            }
        }
        return earliest;
    }

    private void resume(Job job, Instant at) {
        job.resume();
        job.scheduleChangedAt = JobSaves.later(job.scheduleChangedAt, at);
        touch(job);
    }

    /** Saves a change that makes no revision. */
    private void touch(Job job) {
        job.version++;
        stored.flush();
    }
}
