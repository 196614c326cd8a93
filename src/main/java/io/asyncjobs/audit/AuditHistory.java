package io.asyncjobs.audit;

import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.ResultIterator;

/** The trail, read. Whatever was committed before the call is in the answer. */
@ApplicationScoped
public class AuditHistory {

    private static final String COLUMNS = """
            select seq, id, at, actor, on_behalf_of, via, entity_type, entity_id, entity_name, action, before, after, reason,
                job_id, run_id, key_id, seal, previous_hash, hash
            from audit_event
            """;

    private static final Map<String, String> SORTABLE = Map.of("seq", "seq");
    private static final int FETCHED_AT_ONCE = 500;

    /** What is done with events that are read one by one. */
    @FunctionalInterface
    interface Reading<T, E extends Exception> {
        T read(Iterator<LinkedEvent> events) throws E;
    }

    private final Jdbi jdbi;
    private final AuditChain chain;

    AuditHistory(Jdbi jdbi, AuditChain chain) {
        this.jdbi = jdbi;
        this.chain = chain;
    }

    /** What concerns that job, latest first unless asked otherwise: its changes, and what its runs did. */
    public PageView<AuditEventView> ofJob(UUID job, PageRequest page) {
        return list(new AuditFilter(null, null, null, job, null, null, null), page);
    }

    /** What concerns that account, latest first unless asked otherwise: its changes, and what was done as it. */
    public PageView<AuditEventView> ofAccount(String username, PageRequest page) {
        return list(new AuditFilter(null, null, null, null, username, null, null), page);
    }

    /** A page of the events that the filter takes, latest first unless asked otherwise. */
    public PageView<AuditEventView> list(AuditFilter filter, PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "-seq");
        chain.catchUp();
        String where = " where " + filter.sql();
        return jdbi.withHandle(handle -> {
            List<AuditEventView> events = filter.bind(handle.createQuery(
                            COLUMNS + where + " order by " + order.sql() + " offset :offset limit :size"))
                    .bind("offset", page.offset())
                    .bind("size", page.size())
                    .map((row, context) -> AuditEventView.of(event(row)))
                    .list();
            long total = filter.bind(handle.createQuery("select count(*) from audit_event" + where))
                    .mapTo(Long.class)
                    .one();
            return PageView.of(page, events, total);
        });
    }

    /** Reads events in the order of the chain, a few at a time, all of one moment. */
    <T, E extends Exception> T read(AuditFilter filter, Reading<T, E> reading) throws E {
        chain.catchUp();
        return jdbi.inTransaction(handle -> {
            try (ResultIterator<LinkedEvent> events = open(handle, filter)) {
                return reading.read(events);
            }
        });
    }

    private static ResultIterator<LinkedEvent> open(Handle handle, AuditFilter filter) {
        return filter.bind(handle.createQuery(COLUMNS + " where " + filter.sql() + " order by seq"))
                // Together with the open transaction this makes the driver use a cursor
                .setFetchSize(FETCHED_AT_ONCE)
                .map((row, context) -> event(row))
                .iterator();
    }

    private static LinkedEvent event(ResultSet row) throws SQLException {
        return new LinkedEvent(
                row.getLong("seq"),
                new AuditRecord(
                        row.getObject("id", UUID.class),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("actor"),
                        row.getString("on_behalf_of"),
                        row.getString("via"),
                        row.getString("entity_type"),
                        row.getString("entity_id"),
                        row.getString("entity_name"),
                        row.getString("action"),
                        row.getString("before"),
                        row.getString("after"),
                        row.getString("reason"),
                        row.getObject("job_id", UUID.class),
                        row.getObject("run_id", UUID.class),
                        row.getString("key_id")),
                row.getString("seal"),
                row.getString("previous_hash"),
                row.getString("hash"));
    }
}
