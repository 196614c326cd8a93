package io.asyncjobs.job;

import io.asyncjobs.account.Account;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A named configuration: what runs, how often, with which parameters, as whom. */
@Entity
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
class Job {

    @Id
    UUID id;

    @Column(nullable = false)
    String name;

    /** What names are compared by. */
    @Column(name = "name_key", nullable = false)
    String nameKey;

    @Nullable
    String description;

    boolean archived;

    @ManyToOne(fetch = FetchType.LAZY)
    @JoinColumn(name = "associated_account")
    @Nullable
    Account associatedAccount;

    @Column(name = "poll_interval_seconds")
    int pollIntervalSeconds;

    @Column(name = "timeout_seconds")
    int timeoutSeconds;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "script_sha256")
    StoredScript script;

    /** JSON object as text. */
    @Column(nullable = false)
    String parameters;

    /** JSON Schema as text. */
    @Column(name = "parameters_schema")
    @Nullable
    String parametersSchema;

    @Column(name = "paused_at")
    @Nullable
    Instant pausedAt;

    int revision;

    int version;

    @Column(name = "schedule_changed_at", nullable = false)
    Instant scheduleChangedAt;

    @Column(name = "created_at", nullable = false)
    Instant createdAt;

    @Column(name = "created_by", nullable = false)
    String createdBy;

    @Column(name = "updated_at", nullable = false)
    Instant updatedAt;

    @Column(name = "updated_by", nullable = false)
    String updatedBy;

    boolean paused() {
        return pausedAt != null;
    }
}
