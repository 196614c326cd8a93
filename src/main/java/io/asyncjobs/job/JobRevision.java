package io.asyncjobs.job;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An immutable copy of everything a job was at one save. */
@Entity
@Table(name = "job_revision")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
class JobRevision extends JobConfiguration {

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

        static Change ofArchived(boolean archived) {
            return archived ? ARCHIVED : UNARCHIVED;
        }

        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @EmbeddedId
    Key key;

    @Column(nullable = false)
    String change;

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
        copy(job);
        this.reason = reason;
        this.savedAt = job.updatedAt;
        this.savedBy = job.updatedBy;
    }
}
