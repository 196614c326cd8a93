package io.asyncjobs.job;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.http.EntityTags;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.idempotency.IdempotencyKeyParameter;
import io.asyncjobs.platform.idempotency.IdempotentAnswer;
import io.asyncjobs.platform.json.JsonValue;
import io.asyncjobs.platform.json.MergePatch;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Jobs over HTTP. */
@Path("/api/v1/jobs")
@Tag(name = "jobs", description = "Data scripts with their intervals, parameters and users")
public class JobsResource {

    private static final String JAVASCRIPT = "text/javascript";

    private final JobOperations jobs;

    JobsResource(JobOperations jobs) {
        this.jobs = jobs;
    }

    @GET
    @Operation(
            operationId = "listJobs",
            summary = "List jobs",
            description = "A page of the jobs, by name unless asked otherwise; archived ones included.")
    public PageView<JobSummary> list(
            @QueryParam("archived")
                    @DefaultValue("any")
                    @Parameter(description = "Only archived jobs, only others, or any")
                    ArchivedFilter archived,
            @QueryParam("name")
                    @Parameter(description = "A part of the name, whatever its case", schema = @Schema(maxLength = 200))
                    @Nullable
                    String name,
            @QueryParam("user")
                    @Parameter(description = "The associated user's name", schema = @Schema(maxLength = 200))
                    @Nullable
                    String user,
            @BeanParam PageRequest page) {
        return jobs.list(JobFilter.of(archived.archived(), name, user), page);
    }

    @POST
    @Operation(
            operationId = "createJob",
            summary = "Create a job",
            description =
                    "Creates a job, which starts to run within its first interval unless it is created paused. With an"
                            + " Idempotency-Key the call can be sent again safely.")
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = JobView.class)))
    public RestResponse<JobView> create(
            @BeanParam IdempotencyKeyParameter key,
            @QueryParam("paused")
                    @Parameter(
                            description = "Pauses the job before it has a tick, with the reason of the draft; resume"
                                    + " starts it")
                    @Nullable
                    Boolean paused,
            JobDraft draft) {
        IdempotentAnswer<Tagged<JobView>> answer = jobs.create(draft, Boolean.TRUE.equals(paused), key);
        RestResponse<JobView> created = created(answer.body());
        if (answer.replayed()) {
            created.getHeaders().putSingle(IdempotentAnswer.REPLAYED, true);
        }
        return created;
    }

    private static RestResponse<JobView> created(Tagged<JobView> job) {
        return job.created(URI.create("/api/v1/jobs/" + job.body().id()));
    }

    @GET
    @Path("/{job}")
    @Operation(
            operationId = "getJob",
            summary = "Read a job",
            description = "The job with that id or URL-encoded name.")
    @APIResponse(responseCode = "200", description = "The job")
    @APIResponse(responseCode = "304", description = "The state is the one that If-None-Match names")
    public RestResponse<JobView> get(
            @PathParam("job") String job, @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
        return jobs.get(job).unlessKnown(ifNoneMatch);
    }

    @PUT
    @Path("/{job}")
    @Operation(
            operationId = "replaceJob",
            summary = "Replace a job's configuration",
            description =
                    "Everything that is not sent takes its default, but for the associated user: only when it is sent,"
                            + " be it as null, does it change. What was read may be sent back: fields that only an answer has"
                            + " are passed over, but for archived and paused, which must be as they are. Needs If-Match; with"
                            + " If-None-Match: * the job of that name is created instead.")
    @APIResponse(responseCode = "200", description = "The job as it is now")
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = JobView.class)))
    public RestResponse<JobView> replace(
            @PathParam("job") String job,
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
            @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON,
                                            schema = @Schema(implementation = JobDraft.class)))
                    JsonValue draft) {
        if (EntityTags.isCreation(ifMatch, ifNoneMatch)) {
            return created(jobs.createNamed(job, draft));
        }
        return jobs.replace(job, draft, ifMatch).ok();
    }

    @PATCH
    @Path("/{job}")
    @Consumes({MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON})
    @Operation(
            operationId = "patchJob",
            summary = "Change some of a job's configuration",
            description = "A JSON merge patch (RFC 7396): what is not sent stays as it is. Needs If-Match.")
    @APIResponse(responseCode = "200", description = "The job as it is now")
    public RestResponse<JobView> patch(
            @PathParam("job") String job,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            MergePatch patch) {
        return jobs.patch(job, patch, ifMatch).ok();
    }

    @GET
    @Path("/{job}/script")
    @Produces(JAVASCRIPT)
    @Operation(
            operationId = "getJobScript",
            summary = "Read a job's script",
            description = "The source, byte for byte as it was sent.")
    @APIResponse(
            responseCode = "200",
            description = "The source",
            content =
                    @Content(
                            mediaType = JAVASCRIPT,
                            schema = @Schema(type = SchemaType.STRING, format = "binary", maxLength = 1024 * 1024)))
    public Response script(@PathParam("job") String job) {
        return Response.ok(jobs.script(job).utf8(), JAVASCRIPT + ";charset=UTF-8")
                .build();
    }

    @PUT
    @Path("/{job}/script")
    @Consumes({JAVASCRIPT, MediaType.WILDCARD})
    @Operation(
            operationId = "replaceJobScript",
            summary = "Replace a job's script",
            description =
                    "The body is the source in UTF-8, byte for byte, whatever media type it names. Needs If-Match.")
    @APIResponse(responseCode = "200", description = "The job as it is now")
    public RestResponse<JobView> replaceScript(
            @PathParam("job") String job,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @RequestBody(
                            description = "The source, at most 1 MiB",
                            required = true,
                            content =
                                    @Content(
                                            mediaType = JAVASCRIPT,
                                            schema = @Schema(type = SchemaType.STRING, maxLength = 1024 * 1024)))
                    byte[] source,
            @BeanParam ReasonParameter reason) {
        return jobs.replaceScript(job, source, reason.text(), ifMatch).ok();
    }

    @POST
    @Path("/{job}/archive")
    @Operation(
            operationId = "archiveJob",
            summary = "Archive a job",
            description =
                    "Takes the job out of use: no run starts any more; one that runs ends as it would. Needs If-Match.")
    @APIResponse(responseCode = "200", description = "The job as it is now")
    public RestResponse<JobView> archive(
            @PathParam("job") String job,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @RequestBody(description = "Why; may be left out", required = false) ReasonDraft reason) {
        return jobs.setArchived(job, true, reason.reason(), ifMatch).ok();
    }

    @POST
    @Path("/{job}/unarchive")
    @Operation(
            operationId = "unarchiveJob",
            summary = "Bring an archived job back",
            description = "The job runs again, on a new grid. Needs If-Match.")
    @APIResponse(responseCode = "200", description = "The job as it is now")
    public RestResponse<JobView> unarchive(
            @PathParam("job") String job,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @RequestBody(description = "Why; may be left out", required = false) ReasonDraft reason) {
        return jobs.setArchived(job, false, reason.reason(), ifMatch).ok();
    }

    @POST
    @Path("/{job}/pause")
    @Operation(
            operationId = "pauseJob",
            summary = "Pause a job",
            description = "Holds the job until it is resumed or the given instant comes; its ticks become gaps with the"
                    + " reason paused. A run in flight ends as it would. Paused already, it takes the new end and reason."
                    + " Needs no If-Match.")
    @APIResponse(responseCode = "200", description = "The job as it is now")
    public RestResponse<JobView> pause(
            @PathParam("job") String job,
            @RequestBody(description = "Why, and until when; may be left out", required = false) PauseDraft pause) {
        return jobs.pause(job, pause).ok();
    }

    @POST
    @Path("/{job}/resume")
    @Operation(
            operationId = "resumeJob",
            summary = "Resume a paused job",
            description =
                    "The job goes on at the next tick of its grid. Not paused, it stays as it is. Needs no If-Match.")
    @APIResponse(responseCode = "200", description = "The job as it is now")
    public RestResponse<JobView> resume(
            @PathParam("job") String job,
            @RequestBody(description = "Why; may be left out", required = false) ReasonDraft reason) {
        return jobs.resume(job, reason.reason()).ok();
    }

    @DELETE
    @Path("/{job}")
    @Operation(
            operationId = "deleteJob",
            summary = "Delete an archived job",
            description =
                    "Removes the job with its revisions, state and ledger for good. Only an archived job that is not"
                            + " running can be deleted. Needs If-Match.")
    @APIResponse(responseCode = "204", description = "Deleted")
    public void delete(
            @PathParam("job") String job,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @BeanParam ReasonParameter reason) {
        jobs.delete(job, reason.text(), ifMatch);
    }
}
