package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Jobs as they go over the wire. */
@ApplicationScoped
class JobViews {

    private final JobActivities activities;
    private final StoredContents contents;

    JobViews(JobActivities activities, StoredContents contents) {
        this.activities = activities;
        this.contents = contents;
    }

    JobView whole(Job job) {
        JobActivity activity = activities.of(List.of(job.id)).getOrDefault(job.id, JobActivity.NONE);
        StoredContents.Contents stored = contents.of(job);
        return new JobView(
                job.id,
                job.name,
                job.description,
                job.archived,
                job.paused(),
                JobView.Pause.of(job),
                Blocked.why(job, activity),
                user(job),
                job.pollIntervalSeconds,
                job.timeoutSeconds,
                JobLimits.of(job.limits),
                stored.scriptText(),
                job.script.md5,
                job.script.sha256,
                job.strict,
                stored.parameters(),
                stored.parametersSchema(),
                stored.damage(),
                job.revision,
                job.createdAt,
                job.createdBy,
                job.updatedAt,
                job.updatedBy,
                // The timer may follow the job by a moment
                job.archived ? null : activity.nextTickAt(),
                activity.lastRun(),
                activity.lastOutcome(),
                activity.failingSince(),
                activity.lastSuccessAt(),
                activity.overlappedTicks(),
                activity.overlappedLastHour());
    }

    List<JobSummary> summaries(List<ListedJob> jobs) {
        Map<UUID, JobActivity> known =
                activities.of(jobs.stream().map(ListedJob::id).toList());
        return jobs.stream()
                .map(job -> JobSummary.of(job, known.getOrDefault(job.id(), JobActivity.NONE)))
                .toList();
    }

    RevisionView revision(JobRevision saved) {
        StoredContents.Contents stored = contents.of(saved);
        return new RevisionView(
                saved.key.revision(),
                saved.change,
                saved.savedAt,
                saved.savedBy,
                saved.reason,
                saved.name,
                saved.description,
                saved.archived,
                user(saved),
                saved.pollIntervalSeconds,
                saved.timeoutSeconds,
                JobLimits.of(saved.limits),
                stored.scriptText(),
                saved.script.md5,
                saved.script.sha256,
                saved.strict,
                stored.parameters(),
                stored.parametersSchema(),
                stored.damage());
    }

    /**
     * The draft that would make the job what it is.
     *
     * @param replaced the fields of which the caller sends another value, so that they may be damaged
     * @throws InvalidException where another field is damaged: what is saved is sound
     */
    JobDraft draft(Job job, Predicate<String> replaced) {
        StoredContents.Contents stored = contents.of(job);
        List<Violation> missing = stored.damage().stream()
                .filter(fault -> !replaced.test(fault.field()))
                .map(fault -> new Violation(fault.field(), fault.message() + "; send it too, so that the job is whole"))
                .toList();
        if (!missing.isEmpty()) {
            throw new InvalidException(missing);
        }
        return new JobDraft(
                job.name,
                Objects.requireNonNullElse(stored.scriptText(), ""),
                job.pollIntervalSeconds,
                Objects.requireNonNullElseGet(stored.parameters(), JsonNodeFactory.instance::objectNode),
                stored.parametersSchema(),
                user(job),
                job.timeoutSeconds,
                job.limits,
                job.description,
                null);
    }

    private static @Nullable String user(JobConfiguration job) {
        return job.associatedAccount == null ? null : job.associatedAccount.username();
    }
}
