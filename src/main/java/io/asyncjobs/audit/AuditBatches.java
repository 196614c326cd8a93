package io.asyncjobs.audit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Events in the order of the chain, up to the one that was the last at the beginning, read a batch at a time. Each batch is
 * bounded in rows and bytes and read in a statement of its own, which looks at a bounded number of events: between two of
 * them nothing is held in the database, however slowly the events are taken. The trail does not change behind the reader's
 * back, so that this is as good as a snapshot.
 */
final class AuditBatches implements Iterator<LinkedEvent> {

    private static final int ROWS = 1_000;
    private static final long BYTES = 1024 * 1024;

    /** How many places a statement looks at. */
    private static final long WINDOW = 20_000;

    private record Row(LinkedEvent event, int found) {}

    private record Ends(long first, long last) {}

    private final Jdbi jdbi;
    private final AuditFilter filter;
    private final Deque<LinkedEvent> batch = new ArrayDeque<>();
    private final long last;
    private long done;

    AuditBatches(Jdbi jdbi, AuditFilter filter) {
        this.jdbi = jdbi;
        this.filter = filter;
        Ends ends = jdbi.withHandle(handle -> handle.createQuery("""
                        select coalesce(min(seq), 1) as first, coalesce(max(seq), 0) as last from audit_event
                        """)
                .map((row, context) -> new Ends(row.getLong("first"), row.getLong("last")))
                .one());
        this.done = ends.first() - 1;
        this.last = ends.last();
    }

    @Override
    public boolean hasNext() {
        while (batch.isEmpty() && done < last) {
            jdbi.useHandle(this::load);
        }
        return !batch.isEmpty();
    }

    @Override
    public LinkedEvent next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return Objects.requireNonNull(batch.poll());
    }

    private void load(Handle handle) {
        long until = last - done <= WINDOW ? last : done + WINDOW;
        List<Row> rows = filter.bind(handle.createQuery("""
                        with found as (
                            select *
                            from audit_event
                            where seq > :done and seq <= :until and %s
                            order by seq
                            limit :rows
                        ), measured as (
                            select *, count(*) over () as found,
                                coalesce(sum(bytes) over (
                                    order by seq rows between unbounded preceding and 1 preceding), 0) as bytes_before
                            from (
                                select *, octet_length(actor) + octet_length(entity_type) + octet_length(entity_id)
                                    + octet_length(action) + coalesce(octet_length(on_behalf_of), 0)
                                    + coalesce(octet_length(entity_name), 0) + coalesce(octet_length(reason), 0)
                                    + coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0) as bytes
                                from found
                            ) as sized
                        )
                        select seq, id, at, actor, on_behalf_of, via, entity_type, entity_id, entity_name, action, before,
                            after, reason, job_id, run_id, key_id, seal, previous_hash, hash, found
                        from measured
                        where bytes_before < :bytes
                        order by seq
                        """.formatted(filter.sql())))
                .bind("done", done)
                .bind("until", until)
                .bind("rows", ROWS)
                .bind("bytes", BYTES)
                .map((row, context) -> new Row(AuditHistory.event(row), row.getInt("found")))
                .list();
        rows.forEach(row -> batch.add(row.event()));
        if (rows.isEmpty()) {
            // Over places where nothing stands in one step, however many somebody left out
            done = handle.createQuery("select min(seq) from audit_event where seq > :until")
                    .bind("until", until)
                    .mapTo(Long.class)
                    .findOne()
                    .map(next -> next - 1)
                    .orElse(last);
        } else {
            Row end = rows.getLast();
            boolean more = end.found() == ROWS || end.found() > rows.size();
            done = more ? end.event().seq() : until;
        }
    }
}
