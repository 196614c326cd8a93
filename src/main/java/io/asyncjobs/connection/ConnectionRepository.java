package io.asyncjobs.connection;

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

    PanacheQuery<Connection> list(
            @Nullable ConnectionKind kind, @Nullable String text, PageRequest page, PageRequest.Order order) {
        Sort sort = Sort.by(order.column(), order.descending() ? Sort.Direction.Descending : Sort.Direction.Ascending)
                .and("id");
        List<String> conditions = new ArrayList<>(List.of("1 = 1"));
        Parameters parameters = new Parameters();
        if (kind != null) {
            conditions.add("kind = :kind");
            parameters.and("kind", kind);
        }
        if (text != null) {
            conditions.add("(position(:text in nameKey) > 0 or position(:text in lower(description)) > 0)");
            parameters.and("text", Name.searched(text));
        }
        return find(String.join(" and ", conditions), sort, parameters).page(Page.of(page.page(), page.size()));
    }
}
