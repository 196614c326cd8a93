package io.asyncjobs.audit;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A change to be put on the trail.
 *
 * @param actor who did it
 * @param via by which way; that of the present request unless given
 * @param at when; now unless given
 */
public record AuditEntry(
        String actor,
        @Nullable String onBehalfOf,
        @Nullable AuditVia via,
        @Nullable Instant at,
        String entityType,
        String entityId,
        @Nullable String entityName,
        String action,
        Changes changes,
        @Nullable String reason,
        @Nullable UUID jobId,
        @Nullable UUID runId) {

    /** Somebody did something to something. */
    public static AuditEntry of(String actor, String action, String entityType, String entityId) {
        return new AuditEntry(
                actor, null, null, null, entityType, entityId, null, action, Changes.NONE, null, null, null);
    }

    public AuditEntry named(@Nullable String name) {
        return new AuditEntry(
                actor, onBehalfOf, via, at, entityType, entityId, name, action, changes, reason, jobId, runId);
    }

    public AuditEntry with(Changes made) {
        return new AuditEntry(
                actor, onBehalfOf, via, at, entityType, entityId, entityName, action, made, reason, jobId, runId);
    }

    public AuditEntry because(@Nullable String why) {
        return new AuditEntry(
                actor, onBehalfOf, via, at, entityType, entityId, entityName, action, changes, why, jobId, runId);
    }

    public AuditEntry ofJob(UUID job) {
        return new AuditEntry(
                actor, onBehalfOf, via, at, entityType, entityId, entityName, action, changes, reason, job, runId);
    }

    public AuditEntry ofRun(UUID job, UUID run) {
        return new AuditEntry(
                actor, onBehalfOf, via, at, entityType, entityId, entityName, action, changes, reason, job, run);
    }

    public AuditEntry via(AuditVia way) {
        return new AuditEntry(
                actor, onBehalfOf, way, at, entityType, entityId, entityName, action, changes, reason, jobId, runId);
    }

    public AuditEntry at(Instant instant) {
        return new AuditEntry(
                actor,
                onBehalfOf,
                via,
                instant,
                entityType,
                entityId,
                entityName,
                action,
                changes,
                reason,
                jobId,
                runId);
    }

    public AuditEntry onBehalfOf(@Nullable String other) {
        return new AuditEntry(
                actor, other, via, at, entityType, entityId, entityName, action, changes, reason, jobId, runId);
    }
}
