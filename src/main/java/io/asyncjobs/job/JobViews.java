package io.asyncjobs.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Jobs as they go over the wire. */
@ApplicationScoped
class JobViews {

    private final JobActivities activities;
    private final StoredScripts scripts;
    private final ObjectMapper json;

    JobViews(JobActivities activities, StoredScripts scripts, ObjectMapper json) {
        this.activities = activities;
        this.scripts = scripts;
        this.json = json;
    }

    JobView whole(Job job) {
        JobActivity activity = activities.of(List.of(job.id)).getOrDefault(job.id, JobActivity.NONE);
        return new JobView(
                job.id,
                job.name,
                job.description,
                job.archived,
                job.paused(),
                JobView.Pause.of(job),
                Blocked.why(job),
                user(job),
                job.pollIntervalSeconds,
                job.timeoutSeconds,
                JobLimits.of(job.limits),
                scripts.source(job.script).text(),
                job.script.md5,
                job.script.sha256,
                object(job.parameters),
                job.parametersSchema == null ? null : object(job.parametersSchema),
                job.revision,
                job.createdAt,
                job.createdBy,
                job.updatedAt,
                job.updatedBy,
                // The timer may follow the job by a moment
                job.archived ? null : activity.nextTickAt(),
                activity.lastRun());
    }

    List<JobSummary> summaries(List<Job> jobs) {
        Map<UUID, JobActivity> known =
                activities.of(jobs.stream().map(job -> job.id).toList());
        return jobs.stream()
                .map(job -> JobSummary.of(job, known.getOrDefault(job.id, JobActivity.NONE)))
                .toList();
    }

    RevisionView revision(JobRevision saved) {
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
                scripts.source(saved.script).text(),
                saved.script.md5,
                saved.script.sha256,
                object(saved.parameters),
                saved.parametersSchema == null ? null : object(saved.parametersSchema));
    }

    /** The draft that would make the job what it is. */
    JobDraft draft(Job job) {
        return new JobDraft(
                job.name,
                scripts.source(job.script).text(),
                job.pollIntervalSeconds,
                object(job.parameters),
                job.parametersSchema == null ? null : object(job.parametersSchema),
                user(job),
                job.timeoutSeconds,
                job.limits,
                job.description,
                null);
    }

    private static @Nullable String user(JobConfiguration job) {
        return job.associatedAccount == null ? null : job.associatedAccount.username();
    }

    private ObjectNode object(String text) {
        try {
            JsonNode node = json.readTree(text);
            return (ObjectNode) node;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A job's stored JSON cannot be read", e);
        }
    }
}
