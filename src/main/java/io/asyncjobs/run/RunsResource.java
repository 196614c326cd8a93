package io.asyncjobs.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.platform.problem.UnknownException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Single runs over HTTP. */
@Path("/api/v1/runs/{id}")
@Tag(name = "runs")
public class RunsResource {

    private final RunHistory history;
    private final LogText logText;

    RunsResource(RunHistory history, ObjectMapper json) {
        this.history = history;
        this.logText = new LogText(json);
    }

    @GET
    @Operation(
            operationId = "getRun",
            summary = "Read a run",
            description = "One run, whether it goes on or has ended.")
    public RunView get(@PathParam("id") @Parameter(description = "The run's id") UUID id) {
        return history.find(id).orElseThrow(() -> unknown(id));
    }

    @GET
    @Path("/log")
    @Produces(MediaType.TEXT_PLAIN + ";charset=UTF-8")
    @Operation(
            operationId = "getRunLog",
            summary = "Read a run's log",
            description = "The log as text, an entry a line; of a run that goes on, what is on record so far.")
    @APIResponse(
            responseCode = "200",
            description = "The log",
            content = @Content(mediaType = MediaType.TEXT_PLAIN, schema = @Schema(implementation = String.class)))
    public String log(@PathParam("id") @Parameter(description = "The run's id") UUID id) {
        if (history.find(id).isEmpty()) {
            throw unknown(id);
        }
        return logText.of(history.log(id));
    }

    private static UnknownException unknown(UUID id) {
        return new UnknownException("There is no run with the id " + id + ".");
    }
}
