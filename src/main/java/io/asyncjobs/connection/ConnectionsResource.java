package io.asyncjobs.connection;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriBuilder;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Connections over HTTP. */
@Path("/api/v1/connections")
@Tag(name = "connections", description = "Named places that scripts may reach, with their secrets write-only")
public class ConnectionsResource {

    private static final String NAME = "The connection's name, whatever its case";

    private final Connections connections;

    ConnectionsResource(Connections connections) {
        this.connections = connections;
    }

    @GET
    @Operation(
            operationId = "listConnections",
            summary = "List connections",
            description = "A page of the connections, by name unless asked otherwise; without their secrets.")
    public PageView<ConnectionView> list(
            @QueryParam("kind") @Parameter(description = "Only those of that kind") @Nullable ConnectionKind kind,
            @BeanParam PageRequest page) {
        return connections.list(kind, null, page);
    }

    @GET
    @Path("/{name}")
    @Operation(
            operationId = "getConnection",
            summary = "Read a connection",
            description = "The connection with that name, without its secret.")
    @APIResponse(responseCode = "200", description = "The connection")
    @APIResponse(responseCode = "304", description = "The state is the one that If-None-Match names")
    public RestResponse<ConnectionView> get(
            @PathParam("name") @Parameter(description = NAME, schema = @Schema(minLength = 1, maxLength = 200))
                    String name,
            @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
        return connections.get(name).unlessKnown(ifNoneMatch);
    }

    @PUT
    @Path("/{name}")
    @Operation(
            operationId = "putConnection",
            summary = "Create or replace a connection",
            description = "Everything that is not sent takes its default, but for the secret: without one, the stored"
                    + " one stays, as long as it goes to the same place. To replace, If-Match is needed.")
    @APIResponse(responseCode = "200", description = "The connection as it is now")
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = ConnectionView.class)))
    public RestResponse<ConnectionView> put(
            @PathParam("name") @Parameter(description = NAME, schema = @Schema(minLength = 1, maxLength = 200))
                    String name,
            @HeaderParam(HttpHeaders.IF_MATCH)
                    @Parameter(
                            description = "To replace: the ETag last read, or * for whatever it is now",
                            schema = @Schema(maxLength = 1000))
                    @Nullable
                    String ifMatch,
            @HeaderParam(HttpHeaders.IF_NONE_MATCH)
                    @Parameter(description = "*, to create and never replace", schema = @Schema(maxLength = 1000))
                    @Nullable
                    String ifNoneMatch,
            ConnectionDraft draft) {
        Connections.Saved saved = connections.put(name, draft, ifMatch, ifNoneMatch);
        return saved.created()
                ? saved.tagged()
                        .created(UriBuilder.fromPath("/api/v1/connections/{name}")
                                .build(new Object[] {saved.tagged().body().name()}, true))
                : saved.tagged().ok();
    }

    @DELETE
    @Path("/{name}")
    @Operation(
            operationId = "deleteConnection",
            summary = "Delete a connection",
            description = "Scripts that call it fail from then on. Needs If-Match.")
    @APIResponse(responseCode = "204", description = "Deleted")
    public void delete(
            @PathParam("name") @Parameter(description = NAME, schema = @Schema(minLength = 1, maxLength = 200))
                    String name,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @BeanParam ReasonParameter reason) {
        connections.delete(name, reason.text(), ifMatch);
    }
}
