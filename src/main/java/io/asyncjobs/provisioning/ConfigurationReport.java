package io.asyncjobs.provisioning;

import io.asyncjobs.account.AccountView;
import io.asyncjobs.audit.AuditHead;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an environment is configured: what the forms of the report are written from. Everything but the time follows from what
 * is stored and configured, and stands in a fixed order.
 *
 * @param version of the product
 * @param time when it was made
 * @param jobs by name, archived ones too
 * @param setting the system setting
 * @param limits what runs may use by the configuration of the service
 * @param connections by name, without secrets
 * @param accounts those that jobs use, by name
 */
record ConfigurationReport(
        String environment,
        String version,
        Instant time,
        String fingerprint,
        AuditHead audit,
        List<JobLine> jobs,
        List<Fact> setting,
        List<Fact> limits,
        List<Place> connections,
        List<AccountView> accounts) {

    ConfigurationReport {
        jobs = List.copyOf(jobs);
        setting = List.copyOf(setting);
        limits = List.copyOf(limits);
        connections = List.copyOf(connections);
        accounts = List.copyOf(accounts);
    }

    /** A field with its value as text. */
    record Fact(String field, String value) {}

    /** A connection. */
    record Place(String name, List<Fact> facts) {

        Place {
            facts = List.copyOf(facts);
        }
    }

    /**
     * A job; a limit that is null is the default of the service.
     *
     * @param state {@code active}, {@code paused} or {@code archived}
     * @param digest over all of its fields, as in the fingerprint; null of an archived job
     */
    record JobLine(
            String name,
            String state,
            int revision,
            int pollIntervalSeconds,
            @Nullable String associatedUser,
            int timeoutSeconds,
            @Nullable Integer logBytes,
            @Nullable Integer resultBytes,
            @Nullable Integer stateChars,
            @Nullable Integer hostCalls,
            String scriptMd5,
            String scriptSha256,
            @Nullable String digest,
            Instant updatedAt,
            String updatedBy) {}
}
