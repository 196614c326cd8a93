package io.asyncjobs.audit;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jspecify.annotations.Nullable;

/**
 * Which events are wanted; what is null does not matter.
 *
 * @param entity an id or a name
 * @param involved events about the account of that name, or done as it
 * @param from then or later
 * @param to before then
 * @param by what scripts did, or everything else
 * @param action of people only: nobody counts those of scripts
 */
public record AuditFilter(
        @Nullable String entityType,
        @Nullable String entity,
        @Nullable String actor,
        @Nullable UUID job,
        @Nullable String involved,
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable AuditBy by,
        @Nullable String action) {

    public AuditFilter {
        if (action != null && by != AuditBy.PEOPLE) {
            throw new IllegalArgumentException("an action is looked for among what people did");
        }
    }

    public AuditFilter(
            @Nullable String entityType,
            @Nullable String entity,
            @Nullable String actor,
            @Nullable UUID job,
            @Nullable String involved,
            @Nullable Instant from,
            @Nullable Instant to) {
        this(entityType, entity, actor, job, involved, from, to, null, null);
    }

    /** The same of those. */
    AuditFilter by(@Nullable AuditBy others) {
        return new AuditFilter(
                entityType, entity, actor, job, involved, from, to, others, others == AuditBy.PEOPLE ? action : null);
    }

    static final AuditFilter ALL = new AuditFilter(null, null, null, null, null, null, null);

    /** A column that has a certain text. */
    record Literal(String column, String parameter) {

        /** By the digest, which is what is indexed, and then by the text. */
        String sql() {
            return isJob() ? digestSql() : digestSql() + " and " + column + " = :" + parameter;
        }

        /** By what is indexed alone: enough to count, since two texts of one digest are not to be expected. */
        String digestSql() {
            return isJob()
                    ? "job_id = :job"
                    : "hashtextextended(" + column + ", 0) = hashtextextended(:" + parameter + ", 0)";
        }

        /** The same of a row of tallies, which hold digests; this one is computed once and not for each row. */
        String tallySql() {
            return column + " = (select hashtextextended(cast(:" + parameter + " as text), 0))";
        }

        private boolean isJob() {
            return column.equals("job_id");
        }
    }

    /** The condition for what is given, so that the database plans for just that. */
    String sql() {
        List<List<Literal>> alternatives = alternatives();
        String texts = alternatives.size() == 1
                ? sql(alternatives.getFirst())
                : "("
                        + String.join(
                                " or ",
                                alternatives.stream().map(AuditFilter::sql).toList()) + ")";
        return texts + " and " + timeSql();
    }

    /** When the events were and who did them, which holds beside each of the alternatives. */
    String timeSql() {
        List<String> conditions = new ArrayList<>();
        add(conditions, from, "at >= :from");
        add(conditions, to, "at < :to");
        if (by != null) {
            // As in the indexes of what people did
            conditions.add(by == AuditBy.SCRIPTS ? "via = 'script'" : "via <> 'script'");
        }
        add(conditions, action, "action = :action");
        return conditions.isEmpty() ? "true" : String.join(" and ", conditions);
    }

    static String sql(List<Literal> literals) {
        return literals.isEmpty()
                ? "true"
                : String.join(" and ", literals.stream().map(Literal::sql).toList());
    }

    /** An event is wanted when all literals of one of these hold: each alternative has an index of its own to be read by. */
    List<List<Literal>> alternatives() {
        List<List<Literal>> alternatives = List.of(List.of());
        if (entityType != null) {
            alternatives = with(alternatives, List.of(List.of(new Literal("entity_type", "entityType"))));
        }
        if (actor != null) {
            alternatives = with(alternatives, List.of(List.of(new Literal("actor", "actor"))));
        }
        if (job != null) {
            alternatives = with(alternatives, List.of(List.of(new Literal("job_id", "job"))));
        }
        if (entity != null) {
            alternatives = with(
                    alternatives,
                    List.of(
                            List.of(new Literal("entity_id", "entity")),
                            List.of(new Literal("entity_name", "entity"))));
        }
        if (involved != null) {
            alternatives = with(
                    alternatives,
                    List.of(
                            List.of(new Literal("actor", "involved")),
                            List.of(new Literal("on_behalf_of", "involved")),
                            List.of(new Literal("entity_type", "account"), new Literal("entity_name", "involved"))));
        }
        return alternatives;
    }

    <T extends SqlStatement<T>> T bind(T statement) {
        Map<String, Object> values = new LinkedHashMap<>();
        put(values, "entityType", entityType);
        put(values, "entity", entity);
        put(values, "actor", actor);
        put(values, "job", job);
        put(values, "involved", involved);
        put(values, "action", action);
        put(values, "account", involved == null ? null : "account");
        put(values, "from", from == null ? null : from.atOffset(ZoneOffset.UTC));
        put(values, "to", to == null ? null : to.atOffset(ZoneOffset.UTC));
        // Not every part of a question asks for all of them
        statement.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
        return statement.bindMap(values);
    }

    private static List<List<Literal>> with(List<List<Literal>> some, List<List<Literal>> others) {
        List<List<Literal>> all = new ArrayList<>();
        for (List<Literal> one : some) {
            for (List<Literal> other : others) {
                List<Literal> both = new ArrayList<>(one);
                both.addAll(other);
                all.add(both);
            }
        }
        return all;
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
