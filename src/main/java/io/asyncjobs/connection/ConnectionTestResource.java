package io.asyncjobs.connection;

import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Tests of connections, over HTTP. */
@Path("/api/v1/connections/{name}/test")
@Tag(name = "connections")
public class ConnectionTestResource {

    private final ConnectionTests tests;

    ConnectionTestResource(ConnectionTests tests) {
        this.tests = tests;
    }

    @POST
    @Operation(
            operationId = "testConnection",
            summary = "Test a connection",
            description =
                    "Resolves, connects, does the TLS handshake and authenticates, and says how long each step took"
                            + " and what failed. It changes nothing and sends nothing but the connection's own authentication:"
                            + " HEAD to the base URL, or a session of the database.")
    @APIResponse(responseCode = "200", description = "What the steps came to, also where one failed")
    public ConnectionTestView test(
            @PathParam("name")
                    @Parameter(
                            description = "The connection's name, whatever its case",
                            schema = @Schema(minLength = 1, maxLength = 200))
                    String name) {
        return tests.test(name);
    }
}
