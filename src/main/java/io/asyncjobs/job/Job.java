package io.asyncjobs.job;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A named configuration: what runs, how often, with which parameters, as whom. */
@Entity
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
class Job extends JobConfiguration {

    @Id
    UUID id;

    /** What names are compared by. */
    @Column(name = "name_key", nullable = false)
    String nameKey;

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
