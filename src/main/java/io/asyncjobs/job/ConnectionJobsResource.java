package io.asyncjobs.job;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The jobs that use a connection, over HTTP. */
@Path("/api/v1/connections/{name}/jobs")
@Tag(name = "connections")
public class ConnectionJobsResource {

    private final ConnectionUses uses;

    ConnectionJobsResource(ConnectionUses uses) {
        this.uses = uses;
    }

    @GET
    @Operation(
            operationId = "listJobsOfConnection",
            summary = "List the jobs of a connection",
            description =
                    "The jobs whose current scripts name the connection literally, archived ones included, with the"
                            + " lines. A name that a script puts together is not found.")
    public ConnectionJobsView list(
            @PathParam("name")
                    @Parameter(
                            description = "The connection's name, whatever its case",
                            schema = @Schema(minLength = 1, maxLength = 200))
                    String name) {
        return uses.of(name);
    }
}
