package io.asyncjobs.account;

import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.http.PageRequest;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Parameters;
import io.quarkus.panache.common.Sort;
import jakarta.inject.Singleton;
import jakarta.persistence.LockModeType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The table {@code account}. */
@Singleton
class AccountRepository implements PanacheRepositoryBase<Account, UUID> {

    Optional<Account> findByUsername(String username) {
        return find("usernameKey", Name.key(username)).firstResultOptional();
    }

    Optional<Account> findForUpdate(String username) {
        return find("usernameKey", Name.key(username))
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
    }

    /** Locked against changes and deletion; others may refer to it. */
    Optional<Account> findForReference(String username) {
        return findLocked(username, "for share");
    }

    /** Locked against new references, too: those that are on their way are waited for. */
    Optional<Account> findAlone(String username) {
        return findLocked(username, "for update");
    }

    /** Hibernate's own locks let foreign keys pass, and fail where the account was read before and has changed since. */
    private Optional<Account> findLocked(String username, String lock) {
        getEntityManager()
                .createNativeQuery("select id from account where username_key = :key " + lock)
                .setParameter("key", Name.key(username))
                .getResultList();
        return findByUsername(username);
    }

    PanacheQuery<Account> list(AccountFilter filter, PageRequest page, PageRequest.Order order) {
        Sort sort = Sort.by(order.column(), order.descending() ? Sort.Direction.Descending : Sort.Direction.Ascending)
                .and("id");
        List<String> conditions = new ArrayList<>(List.of("1 = 1"));
        Parameters parameters = new Parameters();
        if (filter.active() != null) {
            conditions.add("active = :active");
            parameters.and("active", filter.active());
        }
        if (filter.kind() != null) {
            conditions.add("kind = :kind");
            parameters.and("kind", filter.kind());
        }
        if (filter.text() != null) {
            conditions.add("(position(:text in usernameKey) > 0 or position(:text in lower(displayName)) > 0"
                    + " or position(:text in lower(email)) > 0)");
            parameters.and("text", Name.searched(filter.text()));
        }
        return find(String.join(" and ", conditions), sort, parameters).page(Page.of(page.page(), page.size()));
    }
}
