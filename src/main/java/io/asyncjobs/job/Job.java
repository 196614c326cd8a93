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

    /** When the pause ends by itself; without it, only by hand. */
    @Column(name = "paused_until")
    @Nullable
    Instant pausedUntil;

    @Column(name = "paused_by")
    @Nullable
    String pausedBy;

    @Column(name = "pause_reason")
    @Nullable
    String pauseReason;

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

    /** Holds the job; a pause that is there already takes the new end and reason and keeps its beginning. */
    void pause(Instant now, @Nullable Instant until, String by, @Nullable String reason) {
        pausedAt = pausedAt == null ? now : pausedAt;
        pausedUntil = until;
        pausedBy = by;
        pauseReason = reason;
    }

    void resume() {
        pausedAt = null;
        pausedUntil = null;
        pausedBy = null;
        pauseReason = null;
    }
}
