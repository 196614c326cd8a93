package io.asyncjobs.schedule;

import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The cluster over HTTP. */
@Path("/api/v1/cluster")
@Tag(name = "cluster", description = "The processes of the service that share one database")
public class ClusterResource {

    private final Cluster cluster;

    ClusterResource(Cluster cluster) {
        this.cluster = cluster;
    }

    @GET
    @Path("/nodes")
    @Operation(
            operationId = "listNodes",
            summary = "List the nodes",
            description =
                    "A page of the nodes, those that have ended included, latest start first unless asked otherwise: their"
                            + " heartbeats, worker processes and the runs they hold.")
    public PageView<NodeView> nodes(
            @QueryParam("live")
                    @Parameter(description = "Only nodes that live, or only those that have ended")
                    @Nullable
                    Boolean live,
            @BeanParam PageRequest page) {
        Cluster.Found found = cluster.nodes(live, page);
        return PageView.of(page, found.nodes(), found.total());
    }
}
