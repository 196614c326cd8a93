package io.asyncjobs.job;

import io.asyncjobs.account.Account;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An immutable copy of everything a job was at one save. */
@Entity
@Table(name = "job_revision")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
class JobRevision {

    /** Which job, which save; numbered from 1. */
    @Embeddable
    record Key(@Column(name = "job_id") UUID jobId, int revision) {}

    /** What kind of save it was. */
    enum Change {
        CREATED,
        UPDATED,
        ARCHIVED,
        UNARCHIVED,
        REVERTED;

        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @EmbeddedId
    Key key;

    @Column(nullable = false)
    String change;

    @Column(nullable = false)
    String name;

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

    @Column(nullable = false)
    String parameters;

    @Column(name = "parameters_schema")
    @Nullable
    String parametersSchema;

    @Nullable
    String reason;

    @Column(name = "saved_at", nullable = false)
    Instant savedAt;

    @Column(name = "saved_by", nullable = false)
    String savedBy;

    /** For Hibernate. */
    protected JobRevision() {}

    /** The job as it is now, saved by its last updater. */
    JobRevision(Job job, Change change, @Nullable String reason) {
        this.key = new Key(job.id, job.revision);
        this.change = change.wireName();
        this.name = job.name;
        this.description = job.description;
        this.archived = job.archived;
        this.associatedAccount = job.associatedAccount;
        this.pollIntervalSeconds = job.pollIntervalSeconds;
        this.timeoutSeconds = job.timeoutSeconds;
        this.script = job.script;
        this.parameters = job.parameters;
        this.parametersSchema = job.parametersSchema;
        this.reason = reason;
        this.savedAt = job.updatedAt;
        this.savedBy = job.updatedBy;
    }
}
