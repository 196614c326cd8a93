package io.asyncjobs.run.history;

import io.asyncjobs.job.Jobs;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.idempotency.IdempotencyKeyParameter;
import io.asyncjobs.platform.idempotency.IdempotentAnswer;
import io.asyncjobs.run.ledger.Ledger;
import io.asyncjobs.run.ledger.TickSeriesView;
import io.asyncjobs.run.ledger.TicksView;
import io.asyncjobs.schedule.RunOutcome;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The runs of one job over HTTP. */
@Path("/api/v1/jobs/{job}")
@Tag(name = "runs", description = "Executions of jobs, and the ledger of ticks")
public class JobRunsResource {

    private final Jobs jobs;
    private final RunOperations runs;
    private final Ledger ledger;

    JobRunsResource(Jobs jobs, RunOperations runs, Ledger ledger) {
        this.jobs = jobs;
        this.runs = runs;
        this.ledger = ledger;
    }

    @GET
    @Path("/runs")
    @Operation(
            operationId = "listRuns",
            summary = "List a job's runs",
            description =
                    "A page of the runs, latest first; a run that goes on has no outcome yet. While runs arrive, after"
                            + " leads from page to page without one twice or none.")
    public PageView<RunView> list(
            @PathParam("job") String job,
            @QueryParam("outcome") @Parameter(description = "Only runs that ended so") @Nullable RunOutcome outcome,
            @QueryParam("from") @Parameter(description = "Only runs scheduled for then or later") @Nullable
                    Instant from,
            @QueryParam("to") @Parameter(description = "Only runs scheduled before") @Nullable Instant to,
            @QueryParam("after") @Parameter(description = PageRequest.AFTER) @Nullable UUID after,
            @BeanParam PageRequest page) {
        return runs.list(job, outcome, from, to, page, after);
    }

    @POST
    @Path("/runs")
    @Operation(
            operationId = "runNow",
            summary = "Run a job now",
            description =
                    "Starts a run through the same gate as the timer: 409 while one is running. The run can be one of an"
                            + " earlier revision, or have parameters of its own; both stand in the run and in the audit"
                            + " trail, and the job stays as it is. With an Idempotency-Key the call can be sent again safely.")
    @APIResponse(
            responseCode = "202",
            description = "Started; Location says where it is found",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = RunView.class)))
    public Response runNow(
            @PathParam("job") String job,
            @RequestBody(description = "What to run, and why; may be left out", required = false) RunDraft wanted,
            @BeanParam IdempotencyKeyParameter key) {
        IdempotentAnswer<RunView> started = runs.start(job, wanted, key);
        return Response.accepted(started.body())
                .location(URI.create("/api/v1/runs/" + started.body().id()))
                .header(IdempotentAnswer.REPLAYED, started.replayed() ? true : null)
                .build();
    }

    @GET
    @Path("/ticks")
    @Operation(
            operationId = "getTicks",
            summary = "Account for a job's ticks",
            description =
                    "What became of each tick in a window of time: it ran, or it is part of a gap with a reason. The window is"
                            + " the last 24 hours unless given. Of time whose single runs have gone the counts stay, by the"
                            + " hour: the window is widened to full hours then, and the answer says so.")
    public TicksView ticks(
            @PathParam("job") String job,
            @QueryParam("from") @Parameter(description = "From then on") @Nullable Instant from,
            @QueryParam("to") @Parameter(description = "Before then; now, unless given") @Nullable Instant to) {
        return ledger.ticks(jobs.idOf(job), from, to);
    }

    @GET
    @Path("/ticks/series")
    @Operation(
            operationId = "getTickSeries",
            summary = "Account for a job's ticks over time",
            description =
                    "The ledger in buckets, for a plot. The window is the last 24 hours unless given. A bucket is as short as"
                            + " their number allows, an hour at least in a window of more than six hours and in time whose single"
                            + " runs have gone.")
    public TickSeriesView series(
            @PathParam("job") String job,
            @QueryParam("from") @Parameter(description = "From then on") @Nullable Instant from,
            @QueryParam("to") @Parameter(description = "Before then; now, unless given") @Nullable Instant to,
            @QueryParam("buckets")
                    @Parameter(
                            description = "How many buckets at most",
                            schema =
                                    @Schema(
                                            implementation = Integer.class,
                                            minimum = "1",
                                            maximum = "500",
                                            defaultValue = "60"))
                    @Nullable
                    Integer buckets) {
        return ledger.series(jobs.idOf(job), from, to, buckets);
    }
}
