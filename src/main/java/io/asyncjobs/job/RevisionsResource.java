package io.asyncjobs.job;

import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What a job was, over HTTP. */
@Path("/api/v1/jobs/{job}")
@Tag(name = "revisions", description = "What jobs were at each save, compared and brought back")
public class RevisionsResource {

    private static final String DIFF = "text/x-diff";

    private final JobOperations jobs;

    RevisionsResource(JobOperations jobs) {
        this.jobs = jobs;
    }

    @GET
    @Path("/revisions")
    @Operation(
            operationId = "listRevisions",
            summary = "List a job's revisions",
            description = "A page of the job's saves, latest first unless asked otherwise.")
    public PageView<RevisionSummary> list(@PathParam("job") String job, @BeanParam PageRequest page) {
        return jobs.revisions(job, page);
    }

    @GET
    @Path("/revisions/{revision}")
    @Operation(
            operationId = "getRevision",
            summary = "Read a revision",
            description = "Everything the job was at that save, its script included.")
    public RevisionView get(
            @PathParam("job") String job,
            @PathParam("revision") @Parameter(description = "The revision's number", schema = @Schema(minimum = "1"))
                    int revision) {
        return jobs.revision(job, revision);
    }

    @GET
    @Path("/diff")
    @Produces(DIFF)
    @Operation(
            operationId = "diffRevisions",
            summary = "Compare two revisions",
            description =
                    "A unified diff of the settings, as job.json, and of the script, as script.js; empty where both are alike.")
    @APIResponse(
            responseCode = "200",
            description = "The difference",
            content =
                    @Content(
                            mediaType = DIFF,
                            schema = @Schema(type = SchemaType.STRING, format = "binary", maxLength = 8 * 1024 * 1024)))
    public Response diff(
            @PathParam("job") String job,
            @QueryParam("from")
                    @Parameter(
                            description = "The earlier revision; the one before the other unless given",
                            schema = @Schema(minimum = "1"))
                    @Nullable
                    Integer from,
            @QueryParam("to")
                    @Parameter(
                            description = "The later revision; the latest unless given",
                            schema = @Schema(minimum = "1"))
                    @Nullable
                    Integer to) {
        return Response.ok(jobs.diff(job, from, to), DIFF + ";charset=UTF-8").build();
    }

    @POST
    @Path("/revert")
    @Operation(
            operationId = "revertJob",
            summary = "Go back to a revision",
            description =
                    "Gives the job the configuration of that revision again, as a new revision; whether it is archived or"
                            + " paused stays as it is. Needs If-Match.")
    @APIResponse(responseCode = "200", description = "The job as it is now")
    public RestResponse<JobView> revert(
            @PathParam("job") String job,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            RevertDraft draft) {
        return jobs.revert(job, draft, ifMatch).ok();
    }
}
