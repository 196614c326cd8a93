package io.asyncjobs.audit;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * Which events are wanted; what is null does not matter.
 *
 * @param entity an id or a name
 * @param involved events about the account of that name, or done as it
 * @param from then or later
 * @param to before then
 */
public record AuditFilter(
        @Nullable String entityType,
        @Nullable String entity,
        @Nullable String actor,
        @Nullable UUID job,
        @Nullable String involved,
        @Nullable Instant from,
        @Nullable Instant to) {

    static final AuditFilter ALL = new AuditFilter(null, null, null, null, null, null, null);

    /** The condition for what is given, so that the database plans for just that. */
    String sql() {
        List<String> conditions = new ArrayList<>();
        add(conditions, entityType, "entity_type = :entityType");
        add(conditions, entity, "(entity_id = :entity or entity_name = :entity)");
        add(conditions, actor, "actor = :actor");
        add(conditions, job, "job_id = :job");
        add(
                conditions,
                involved,
                "(actor = :involved or on_behalf_of = :involved or (entity_type = 'account' and entity_name = :involved))");
        add(conditions, from, "at >= :from");
        add(conditions, to, "at < :to");
        return conditions.isEmpty() ? "true" : String.join(" and ", conditions);
    }

    <T extends SqlStatement<T>> T bind(T statement) {
        Map<String, Object> values = new LinkedHashMap<>();
        put(values, "entityType", entityType);
        put(values, "entity", entity);
        put(values, "actor", actor);
        put(values, "job", job);
        put(values, "involved", involved);
        put(values, "from", from == null ? null : from.atOffset(ZoneOffset.UTC));
        put(values, "to", to == null ? null : to.atOffset(ZoneOffset.UTC));
        return statement.bindMap(values);
    }

    private static void add(List<String> conditions, @Nullable Object value, String condition) {
        if (value != null) {
            conditions.add(condition);
        }
    }

    private static void put(Map<String, Object> values, String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, value);
        }
    }
}
