package io.asyncjobs.provisioning;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A plan that waits for its approval, or had it. */
@Entity
@Table(name = "sealed_plan")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
class SealedPlan {

    @Id
    @Column(name = "hash", nullable = false, updatable = false)
    String hash;

    @Column(name = "content", nullable = false)
    byte[] content;

    @Column(name = "pending", nullable = false)
    int pending;

    @Column(name = "reason")
    @Nullable
    String reason;

    @Column(name = "planned_at", nullable = false)
    Instant plannedAt;

    @Column(name = "planned_by", nullable = false)
    String plannedBy;

    @Column(name = "approved_at")
    @Nullable
    Instant approvedAt;

    @Column(name = "approved_by")
    @Nullable
    String approvedBy;

    @Column(name = "approval_reason")
    @Nullable
    String approvalReason;

    @Column(name = "expires_at")
    @Nullable
    Instant expiresAt;

    @Column(name = "applied_at")
    @Nullable
    Instant appliedAt;

    @Column(name = "applied_by")
    @Nullable
    String appliedBy;

    /** For Hibernate. */
    protected SealedPlan() {}

    SealedPlan(String hash) {
        this.hash = hash;
    }

    /** What can be done with it at that instant. */
    SealedPlanView.State state(Instant now) {
        if (appliedAt != null) {
            return SealedPlanView.State.APPLIED;
        }
        if (expiresAt == null) {
            return SealedPlanView.State.WAITING;
        }
        return expiresAt.isAfter(now) ? SealedPlanView.State.APPROVED : SealedPlanView.State.EXPIRED;
    }
}
