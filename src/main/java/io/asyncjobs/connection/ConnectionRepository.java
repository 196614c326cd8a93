package io.asyncjobs.connection;

import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.http.PageRequest;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import jakarta.inject.Singleton;
import jakarta.persistence.LockModeType;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The table {@code connection}. */
@Singleton
class ConnectionRepository implements PanacheRepositoryBase<Connection, UUID> {

    Optional<Connection> findByName(String name) {
        return find("nameKey", Name.key(name)).firstResultOptional();
    }

    Optional<Connection> findForUpdate(String name) {
        return find("nameKey", Name.key(name))
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
    }

    PanacheQuery<Connection> list(@Nullable ConnectionKind kind, PageRequest page, PageRequest.Order order) {
        Sort sort = Sort.by(order.column(), order.descending() ? Sort.Direction.Descending : Sort.Direction.Ascending)
                .and("id");
        PanacheQuery<Connection> found = kind == null ? findAll(sort) : find("kind", sort, kind);
        return found.page(Page.of(page.page(), page.size()));
    }
}
