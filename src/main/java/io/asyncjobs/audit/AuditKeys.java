package io.asyncjobs.audit;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** The keys of this service's trail. */
final class AuditKeys {

    /**
     * At the start, so that a service without a key never serves: a trail that nobody can verify would look like one that
     * somebody can.
     */
    @Produces
    @Singleton
    @Startup
    AuditSeals seals(AuditConfig config) {
        List<String> keys = config.keys().orElse(List.of());
        if (keys.isEmpty()) {
            throw new IllegalStateException(
                    "No key for the audit trail is configured. Set ASYNCJOBS_AUDIT_KEYS to ID:KEY,"
                            + " the key being 32 bytes in Base64 (openssl rand -base64 32), the same on every node");
        }
        return AuditSeals.of(keys, config.primaryKey());
    }
}
