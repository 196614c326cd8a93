package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.audit.AuditVia;
import io.asyncjobs.audit.Changes;
import io.asyncjobs.platform.json.StoredJson;
import jakarta.enterprise.event.Event;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tells of changed jobs: the audit trail in the same transaction, everybody else after it. */
@Singleton
class JobChanges {

    private static final String ENTITY_TYPE = "job";

    private final AuditTrail audit;
    private final Event<JobChanged> changed;

    JobChanges(AuditTrail audit, Event<JobChanged> changed) {
        this.audit = audit;
        this.changed = changed;
    }

    /** All that can change of a job, for comparing; the script by its digests. */
    static ObjectNode state(Job job) {
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        state.put("name", job.name)
                .put("description", job.description)
                .put("archived", job.archived)
                .put("associatedUser", job.associatedAccount == null ? null : job.associatedAccount.username())
                .put("pollIntervalSeconds", job.pollIntervalSeconds)
                .put("timeoutSeconds", job.timeoutSeconds)
                .set("parameters", StoredJson.asStored(job.parameters));
        state.set("parametersSchema", StoredJson.asStored(job.parametersSchema));
        JobLimits limits = JobLimits.of(job.limits);
        state.putObject("limits")
                .put("logBytes", limits.logBytes())
                .put("resultBytes", limits.resultBytes())
                .put("stateChars", limits.stateChars())
                .put("hostCalls", limits.hostCalls());
        state.putObject("script").put("md5", job.script.md5).put("sha256", job.script.sha256);
        state.put("revision", job.revision);
        if (job.paused()) {
            state.putObject("pause")
                    .put("at", text(job.pausedAt))
                    .put("until", text(job.pausedUntil))
                    .put("by", job.pausedBy)
                    .put("reason", job.pauseReason);
        } else {
            state.putNull("pause");
        }
        return state;
    }

    static AuditEntry created(Job job, String by, @Nullable String reason) {
        return entry(job, "create", by).with(Changes.between(null, state(job))).because(reason);
    }

    /** {@code before} is what {@link #state} said before the change. */
    static AuditEntry changed(Job job, ObjectNode before, String action, String by, @Nullable String reason) {
        return entry(job, action, by).with(Changes.between(before, state(job))).because(reason);
    }

    /** A pause came to the end that somebody gave it. */
    static AuditEntry resumedByItself(Job job, ObjectNode before, @Nullable String pausedBy) {
        return entry(job, "resume", "system")
                .via(AuditVia.SYSTEM)
                .onBehalfOf(pausedBy)
                .with(Changes.between(before, state(job)))
                .because("The pause has come to its end");
    }

    static AuditEntry deleted(Job job, ObjectNode lastState, String by, @Nullable String reason) {
        return entry(job, "delete", by).with(Changes.between(lastState, null)).because(reason);
    }

    /** Puts them on the trail, and tells whoever waits for changes of jobs. */
    void tell(List<AuditEntry> entries) {
        audit.record(entries);
        entries.forEach(entry -> changed.fire(new JobChanged(Objects.requireNonNull(entry.jobId()))));
    }

    private static AuditEntry entry(Job job, String action, String by) {
        return AuditEntry.of(by, action, ENTITY_TYPE, job.id.toString())
                .named(job.name)
                .ofJob(job.id);
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
