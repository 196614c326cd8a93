package io.asyncjobs.provisioning;

import io.asyncjobs.platform.http.PageRequest;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import jakarta.inject.Singleton;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** The table {@code sealed_plan}. */
@Singleton
class SealedPlanRepository implements PanacheRepositoryBase<SealedPlan, String> {

    Optional<SealedPlan> findForUpdate(String hash) {
        return find("hash", hash).withLock(LockModeType.PESSIMISTIC_WRITE).firstResultOptional();
    }

    /** Whether it is stored now; another node may store the same plan at once. */
    boolean insert(SealedPlan plan) {
        return getEntityManager()
                        .createNativeQuery("""
                                insert into sealed_plan (hash, content, pending, reason, planned_at, planned_by)
                                values (:hash, :content, :pending, :reason, :plannedAt, :plannedBy)
                                on conflict (hash) do nothing
                                """)
                        .setParameter("hash", plan.hash)
                        .setParameter("content", plan.content)
                        .setParameter("pending", plan.pending)
                        .setParameter("reason", plan.reason)
                        .setParameter("plannedAt", plan.plannedAt.atOffset(ZoneOffset.UTC))
                        .setParameter("plannedBy", plan.plannedBy)
                        .executeUpdate()
                == 1;
    }

    List<SealedPlan> list(PageRequest page, PageRequest.Order order) {
        Sort sort = Sort.by(order.column(), order.descending() ? Sort.Direction.Descending : Sort.Direction.Ascending)
                .and("hash");
        return findAll(sort).page(Page.of(page.page(), page.size())).list();
    }

    void deletePlannedBefore(Instant instant) {
        delete("plannedAt < ?1", instant);
    }
}
