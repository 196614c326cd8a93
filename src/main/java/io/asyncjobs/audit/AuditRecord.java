package io.asyncjobs.audit;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that one event says, without its place in the chain. What is sealed is exactly this, so nothing may be added here
 * without a new version of {@link AuditSeals}.
 *
 * @param before JSON text, as is {@code after}
 * @param keyId which key seals it
 */
record AuditRecord(
        UUID id,
        Instant at,
        String actor,
        @Nullable String onBehalfOf,
        String via,
        String entityType,
        String entityId,
        @Nullable String entityName,
        String action,
        @Nullable String before,
        @Nullable String after,
        @Nullable String reason,
        @Nullable UUID jobId,
        @Nullable UUID runId,
        String keyId) {}
