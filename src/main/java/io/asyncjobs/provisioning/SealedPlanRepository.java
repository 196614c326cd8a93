package io.asyncjobs.provisioning;

import io.asyncjobs.platform.http.PageRequest;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import jakarta.inject.Singleton;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The table {@code sealed_plan}. */
@Singleton
class SealedPlanRepository implements PanacheRepositoryBase<SealedPlan, String> {

    Optional<SealedPlan> findForUpdate(String hash) {
        return find("hash", hash).withLock(LockModeType.PESSIMISTIC_WRITE).firstResultOptional();
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
