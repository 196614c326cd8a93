package io.asyncjobs.audit;

import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.problem.UnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The trail, read. Whatever was committed before the call is in the answer. A page holds a bounded number of bytes, and a
 * reader of many events holds a batch of them, but no connection and no snapshot.
 */
@ApplicationScoped
public class AuditHistory {

    private static final Map<String, String> SORTABLE = Map.of("seq", "seq");

    /** How many bytes of old and new values a page holds. */
    private static final long PAGE_VALUE_BYTES = 1024 * 1024;

    /** Each reads a page's bytes several times over on its way to the client. */
    private static final int PAGES_AT_ONCE = 16;

    private static final long PATIENCE_SECONDS = 10;

    /** What is done with events that are read one by one. */
    @FunctionalInterface
    interface Reading<T, E extends Exception> {
        T read(Iterator<LinkedEvent> events) throws E;
    }

    private record Place(long seq, long valueBytes) {}

    private final Jdbi jdbi;
    private final AuditChain chain;
    private final Semaphore pages = new Semaphore(PAGES_AT_ONCE);

    AuditHistory(Jdbi jdbi, AuditChain chain) {
        this.jdbi = jdbi;
        this.chain = chain;
    }

    /** What concerns that job, latest first unless asked otherwise: its changes, and what its runs did. */
    public PageView<AuditEventView> ofJob(UUID job, PageRequest page, @Nullable Long after) {
        return list(new AuditFilter(null, null, null, job, null, null, null), page, after);
    }

    /** What concerns that account, latest first unless asked otherwise: its changes, and what was done as it. */
    public PageView<AuditEventView> ofAccount(String username, PageRequest page, @Nullable Long after) {
        return list(new AuditFilter(null, null, null, null, username, null, null), page, after);
    }

    /** A page of the events that the filter takes, latest first unless asked otherwise. */
    public PageView<AuditEventView> list(AuditFilter filter, PageRequest page) {
        return list(filter, page, null);
    }

    /**
     * A page of the events that the filter takes, latest first unless asked otherwise.
     *
     * @param after the seq of an event that the page begins behind, in its order
     */
    public PageView<AuditEventView> list(AuditFilter filter, PageRequest page, @Nullable Long after) {
        PageRequest.Order order = page.checkedBehind(SORTABLE, "-seq", after);
        // One more than asked for tells whether there is a page behind it
        int reach = page.size() + 1;
        acquire();
        try {
            chain.catchUp();
            return jdbi.withHandle(handle -> {
                AuditTallies.Counts counts = AuditTallies.count(handle, filter);
                AuditTallies.Stretch stretch = after == null
                        ? counts.page(page.offset(), reach, order.descending())
                        : counts.behind(after, reach, order.descending());
                List<Place> found = places(handle, filter, stretch, reach, order.descending());
                boolean more = found.size() > page.size();
                List<Place> places = more ? found.subList(0, page.size()) : found;
                return PageView.of(
                        page,
                        events(handle, places, order.descending()),
                        counts.total(),
                        more ? Long.toString(places.getLast().seq()) : null);
            });
        } finally {
            pages.release();
        }
    }

    /** Reads events in the order of the chain, up to the one that is the last now. */
    <T, E extends Exception> T read(AuditFilter filter, Reading<T, E> reading) throws E {
        chain.catchUp();
        return reading.read(new AuditBatches(jdbi, filter));
    }

    private void acquire() {
        try {
            if (pages.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new UnavailableException("Too many pages of the audit trail are being read; try again in a moment.");
    }

    /** By each alternative's own index, so that none of them makes the database sort all that it finds. */
    private static List<Place> places(
            Handle handle, AuditFilter filter, AuditTallies.Stretch stretch, int size, boolean descending) {
        String order = descending ? " order by seq desc" : " order by seq";
        String places = filter.alternatives().stream()
                .map(literals -> "(select seq from audit_event where seq between :low and :high and "
                        + AuditFilter.sql(literals) + " and " + filter.timeSql() + order + " limit :reach)")
                .collect(Collectors.joining(" union "));
        return filter.bind(handle.createQuery("""
                        select e.seq, coalesce(octet_length(e.before), 0) + coalesce(octet_length(e.after), 0) as bytes
                        from (select seq from (%s) as found%s offset :offset limit :size) as places
                            join audit_event e using (seq)%s
                        """.formatted(places, order, order)))
                .bind("low", stretch.low())
                .bind("high", stretch.high())
                .bind("reach", stretch.skip() + size)
                .bind("offset", stretch.skip())
                .bind("size", size)
                .map((row, context) -> new Place(row.getLong("seq"), row.getLong("bytes")))
                .list();
    }

    private static List<AuditEventView> events(Handle handle, List<Place> places, boolean descending) {
        Set<Long> whole = new HashSet<>();
        long bytes = 0;
        for (Place place : places) {
            if (bytes + place.valueBytes() <= PAGE_VALUE_BYTES) {
                bytes += place.valueBytes();
                whole.add(place.seq());
            }
        }
        Map<Long, Long> sizes = places.stream().collect(Collectors.toMap(Place::seq, Place::valueBytes));
        return handle.createQuery("""
                        select seq, id, at, actor, on_behalf_of, via, entity_type, entity_id, entity_name, action,
                            case when seq = any(:whole) then before end as before,
                            case when seq = any(:whole) then after end as after,
                            reason, job_id, run_id, key_id, seal, previous_hash, hash
                        from audit_event
                        where seq = any(:seqs)
                        order by seq
                        """ + (descending ? " desc" : ""))
                .bindArray("whole", Long.class, whole.toArray())
                .bindArray("seqs", Long.class, places.stream().map(Place::seq).toArray())
                .map((row, context) -> {
                    LinkedEvent event = event(row);
                    return AuditEventView.of(
                            event,
                            whole.contains(event.seq()) ? null : omitted(event, sizes.getOrDefault(event.seq(), 0L)));
                })
                .list();
    }

    private static String omitted(LinkedEvent event, long bytes) {
        return "before and after have " + bytes + " bytes together, more than there is room for on this page."
                + " They are in /api/v1/audit/export?from=" + event.event().at() + "&to="
                + event.event().at().plusNanos(1_000);
    }

    static LinkedEvent event(ResultSet row) throws SQLException {
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
