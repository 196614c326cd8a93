package io.asyncjobs.run.history;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.job.ReasonDraft;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Single runs over HTTP. */
@Path("/api/v1/runs/{id}")
@Tag(name = "runs")
public class RunsResource {

    private final RunOperations runs;
    private final RunHistory history;
    private final ObjectMapper json;
    private final LiveLogs live;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("log-text-", 0).factory());

    RunsResource(RunOperations runs, RunHistory history, ObjectMapper json, LiveLogs live) {
        this.runs = runs;
        this.history = history;
        this.json = json;
        this.live = live;
    }

    @PreDestroy
    void stop() {
        threads.shutdownNow();
    }

    @GET
    @Operation(
            operationId = "getRun",
            summary = "Read a run",
            description = "One run, whether it goes on or has ended.")
    public RunView get(@PathParam("id") @Parameter(description = "The run's id") UUID id) {
        return runs.get(id);
    }

    @GET
    @Path("/log")
    @Produces(MediaType.TEXT_PLAIN + ";charset=UTF-8")
    @Operation(
            operationId = "getRunLog",
            summary = "Read a run's log",
            description =
                    "As text/plain, the default: an entry a line; of a run that goes on, what is on record so far. As"
                            + " text/event-stream: what there is, then what comes, as events named line, whose data is JSON with at,"
                            + " level, text and, where the script gave any, data; last an event named end, whose data is the run."
                            + " Last-Event-ID goes on behind that event. When the token ends before, the last event is named"
                            + " token-expired.")
    @APIResponse(
            responseCode = "200",
            description = "The log",
            content = {
                @Content(
                        mediaType = MediaType.TEXT_PLAIN,
                        schema = @Schema(type = SchemaType.STRING, maxLength = 4 * 1024 * 1024)),
                @Content(
                        mediaType = MediaType.SERVER_SENT_EVENTS,
                        schema = @Schema(type = SchemaType.STRING, maxLength = 16 * 1024 * 1024))
            })
    @Blocking
    public Multi<String> log(@PathParam("id") @Parameter(description = "The run's id") UUID id) {
        LogLines lines = new LogLines(history, json, runs.get(id).id(), 0, 0);
        // The next piece is read when the one before is on its way, so that a slow reader holds up nobody but itself
        return Multi.createBy()
                .repeating()
                .uni(() -> Uni.createFrom().item(() -> LogText.next(lines)).runSubscriptionOn(threads))
                .until(String::isEmpty);
    }

    @GET
    @Path("/log")
    @Produces(MediaType.SERVER_SENT_EVENTS + ";qs=0.5") // text where the client takes either
    @Operation(hidden = true) // One operation of the document with getRunLog, which has both media types
    public void follow(
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.LAST_EVENT_ID_HEADER) @Nullable String lastEventId,
            @Context SseEventSink sink,
            @Context Sse sse) {
        live.send(runs.get(id).id(), lastEventId, sink, sse);
    }

    @POST
    @Path("/cancel")
    @Operation(
            operationId = "cancelRun",
            summary = "Cancel a run",
            description =
                    "Asks the run to end, on whichever node it goes on; its outcome will be cancelled. 409 when it has"
                            + " ended already.")
    @APIResponse(
            responseCode = "202",
            description = "Asked to end; the run as it is now",
            content =
                    @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = RunView.class)))
    public Response cancel(
            @PathParam("id") @Parameter(description = "The run's id") UUID id,
            @RequestBody(description = "Why; may be left out", required = false) ReasonDraft reason) {
        return Response.accepted(runs.cancel(id, reason.reason())).build();
    }
}
