package io.asyncjobs.job;

import io.asyncjobs.audit.AfterParameter;
import io.asyncjobs.audit.AuditEventView;
import io.asyncjobs.audit.AuditHistory;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What was done to a job and by its runs, over HTTP. */
@Path("/api/v1/jobs/{job}/audit")
@Tag(name = "audit")
public class JobAuditResource {

    private final Jobs jobs;
    private final AuditHistory history;

    JobAuditResource(Jobs jobs, AuditHistory history) {
        this.jobs = jobs;
        this.history = history;
    }

    @GET
    @Operation(
            operationId = "listAuditEventsOfJob",
            summary = "List the audit events of a job",
            description =
                    "A page of what was done to the job and of what its runs did, latest first unless sorted by seq. Of"
                            + " a job that was deleted, GET /audit with its id as the entity tells more.")
    public PageView<AuditEventView> list(
            @PathParam("job")
                    @Parameter(
                            description = "The job's id or its name, URL-encoded",
                            schema = @Schema(minLength = 1, maxLength = 600))
                    String job,
            @BeanParam PageRequest page,
            @BeanParam AfterParameter after) {
        return history.ofJob(jobs.idOf(job), page, after.seq());
    }
}
