package io.asyncjobs.run.state;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.json.JsonValue;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What scripts keep from run to run, over HTTP. */
@Path("/api/v1/jobs/{job}/state")
@Tag(name = "state", description = "What scripts keep from run to run")
public class JobStateResource {

    private static final String KEY = "The key, URL-encoded";

    private final StateOperations state;

    JobStateResource(StateOperations state) {
        this.state = state;
    }

    @GET
    @Operation(
            operationId = "listState",
            summary = "List what a job's script keeps",
            description = "A page of the keys with their values, by key unless asked otherwise.")
    public PageView<StateEntryView> list(@PathParam("job") String job, @BeanParam PageRequest page) {
        return state.list(job, page);
    }

    @GET
    @Path("/{key}")
    @Operation(
            operationId = "getStateEntry",
            summary = "Read one value that a script keeps",
            description = "The value with that key.")
    public StateEntryView get(
            @PathParam("job") String job,
            @PathParam("key") @Parameter(description = KEY, schema = @Schema(minLength = 1, maxLength = 500))
                    String key) {
        return state.get(job, key);
    }

    @PUT
    @Path("/{key}")
    @Operation(
            operationId = "setStateEntry",
            summary = "Set one value that a script keeps",
            description =
                    "The body is the value, any JSON, and is kept as it is written; a whole number that no double holds is"
                            + " refused. The next run sees it; a run in flight that writes the same key at its end wins."
                            + " All keys and values of a job have at most 1,048,576 characters together.")
    public StateEntryView set(
            @PathParam("job") String job,
            @PathParam("key") @Parameter(description = KEY, schema = @Schema(minLength = 1, maxLength = 500))
                    String key,
            @RequestBody(
                            description = "The value, any JSON",
                            required = true,
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = Object.class)))
                    JsonValue value,
            @BeanParam ReasonParameter reason) {
        return state.set(job, key, value, reason.text());
    }

    @DELETE
    @Path("/{key}")
    @Operation(
            operationId = "deleteStateEntry",
            summary = "Remove one value that a script keeps",
            description = "The next run finds no value with that key.")
    @APIResponse(responseCode = "204", description = "Removed")
    public void delete(
            @PathParam("job") String job,
            @PathParam("key") @Parameter(description = KEY, schema = @Schema(minLength = 1, maxLength = 500))
                    String key,
            @BeanParam ReasonParameter reason) {
        state.delete(job, key, reason.text());
    }
}
