package io.asyncjobs.schedule;

import io.asyncjobs.platform.http.PageRequest;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The nodes that share the database, read. */
@Singleton
public class Cluster {

    private static final Map<String, String> SORTABLE =
            Map.of("startedAt", "started_at", "heartbeatAt", "heartbeat_at", "name", "name");

    /** Nodes of one page, and how many there are on all pages. */
    public record Found(List<NodeView> nodes, long total) {

        public Found {
            nodes = List.copyOf(nodes);
        }
    }

    private final Jdbi jdbi;
    private final Nodes self;

    Cluster(Jdbi jdbi, Nodes self) {
        this.jdbi = jdbi;
        this.self = self;
    }

    /** A page of the nodes that live ({@code true}), that have ended ({@code false}), or of all. */
    public Found nodes(@Nullable Boolean live, PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "-startedAt");
        return jdbi.withHandle(handle -> {
            Map<UUID, List<NodeView.HeldRun>> held = held(handle);
            List<NodeView> nodes = handle.createQuery("""
                            select id, name, started_at, heartbeat_at, ended_at, end_reason, workers
                            from node
                            where :live::boolean is null or (ended_at is null) = :live
                            order by %s, id
                            offset :offset limit :size
                            """.formatted(order.sql()))
                    .bind("live", live)
                    .bind("offset", page.offset())
                    .bind("size", page.size())
                    .map((row, context) -> view(row, held))
                    .list();
            long total = handle.createQuery(
                            "select count(*) from node where :live::boolean is null or (ended_at is null) = :live")
                    .bind("live", live)
                    .mapTo(Long.class)
                    .one();
            return new Found(nodes, total);
        });
    }

    private static Map<UUID, List<NodeView.HeldRun>> held(Handle handle) {
        Map<UUID, List<NodeView.HeldRun>> held = new HashMap<>();
        handle.createQuery("""
                        select t.lease_node, t.lease_run, t.job_id, j.name, r.scheduled_for
                        from job_timer t
                            join job j on j.id = t.job_id
                            join run r on r.id = t.lease_run
                        where t.lease_run is not null
                        order by t.lease_run
                        """)
                .map((row, context) -> Map.entry(
                        row.getObject("lease_node", UUID.class),
                        new NodeView.HeldRun(
                                row.getObject("lease_run", UUID.class),
                                row.getObject("job_id", UUID.class),
                                row.getString("name"),
                                row.getObject("scheduled_for", OffsetDateTime.class)
                                        .toInstant())))
                .forEach(entry -> held.computeIfAbsent(entry.getKey(), node -> new ArrayList<>())
                        .add(entry.getValue()));
        return held;
    }

    private NodeView view(ResultSet row, Map<UUID, List<NodeView.HeldRun>> held) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        Instant ended = instant(row, "ended_at");
        return new NodeView(
                id,
                row.getString("name"),
                id.equals(self.id()),
                row.getObject("started_at", OffsetDateTime.class).toInstant(),
                row.getObject("heartbeat_at", OffsetDateTime.class).toInstant(),
                ended,
                row.getString("end_reason"),
                ended == null ? row.getString("workers") : "[]",
                held.getOrDefault(id, List.of()));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
