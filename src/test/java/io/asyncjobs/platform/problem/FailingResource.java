package io.asyncjobs.platform.problem;

import jakarta.validation.constraints.Max;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Fails as it is told; in tests only. */
@Path("/test/failing")
public class FailingResource {

    @GET
    @Path("/inside")
    @Operation(hidden = true)
    public String inside() {
        throw new IllegalStateException("secret of the inside");
    }

    @GET
    @Path("/error")
    @Operation(hidden = true)
    public String error() {
        throw new StackOverflowError("secret of the inside");
    }

    @GET
    @Path("/text")
    @Produces("text/plain")
    @Operation(hidden = true)
    public String text() {
        throw new UnknownException("No such text.");
    }

    @GET
    @Path("/parameters/{id}")
    @Operation(hidden = true)
    public String parameters(
            @PathParam("id") UUID id,
            @QueryParam("count") @Max(5) @Nullable Integer count,
            @QueryParam("from") @Nullable Instant from) {
        return id + " " + count + " " + from;
    }

    @PUT
    @Path("/raw")
    @Consumes("text/javascript")
    @Operation(hidden = true)
    public int raw(byte[] body) {
        return body.length;
    }

    @POST
    @Path("/precondition")
    @Operation(hidden = true)
    public String precondition() {
        throw new PreconditionMissingException("Say what it is based on.");
    }
}
