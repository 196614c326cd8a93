package io.asyncjobs.dashboard.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.LiveRows;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.schedule.Cluster;
import io.asyncjobs.schedule.NodeView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The processes that share the database: who lives, with which workers and runs, and who has ended. */
@Path("/admin/support/cluster")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class ClusterPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance cluster(Shell shell, List<NodeRow> live, ListQuery list, List<NodeRow> ended);

        static native TemplateInstance nodeRow(NodeRow row);
    }

    private final Shells shells;
    private final Cluster cluster;
    private final LiveRows rows;
    private final DatabaseClock clock;
    private final ObjectMapper json;

    ClusterPage(Shells shells, Cluster cluster, LiveRows rows, DatabaseClock clock, ObjectMapper json) {
        this.shells = shells;
        this.cluster = cluster;
        this.rows = rows;
        this.clock = clock;
        this.json = json;
    }

    @GET
    public TemplateInstance show(@BeanParam PageRequest page) {
        Cluster.Found ended = cluster.nodes(false, page);
        PageView<NodeView> shown = PageView.of(page, ended.nodes(), ended.total());
        Address here = Address.of(Shell.Section.CLUSTER.path())
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size());
        return Templates.cluster(
                shells.of(Shell.Section.CLUSTER), live(), ListQuery.of(here, "", shown), rows(ended.nodes()));
    }

    /** The nodes that live, as they change: events named {@code row}. */
    @GET
    @Path("/live")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void live(@Context SseEventSink sink, @Context Sse sse) {
        rows.send(
                () -> {
                    Map<String, String> html = new LinkedHashMap<>();
                    for (NodeRow row : live()) {
                        html.put(
                                row.node().id().toString(),
                                Templates.nodeRow(row).render());
                    }
                    return html;
                },
                null,
                sink,
                sse);
    }

    private List<NodeRow> live() {
        return rows(cluster.nodes(true, PageRequest.of(0, PageRequest.MAX_SIZE, "startedAt"))
                .nodes());
    }

    private List<NodeRow> rows(List<NodeView> nodes) {
        Instant now = clock.now();
        return nodes.stream()
                .map(node -> new NodeRow(node, age(node.heartbeatAt(), now), WorkerRow.of(json, node.workers())))
                .toList();
    }

    private static Duration age(Instant heartbeat, Instant now) {
        Duration age = Duration.between(heartbeat, now);
        return age.isNegative() ? Duration.ZERO : age;
    }
}
