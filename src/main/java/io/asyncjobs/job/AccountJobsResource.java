package io.asyncjobs.job;

import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The jobs that act as an account, over HTTP. */
@Path("/api/v1/accounts/{username}")
@Tag(name = "accounts")
public class AccountJobsResource {

    private final JobOperations jobs;

    AccountJobsResource(JobOperations jobs) {
        this.jobs = jobs;
    }

    @GET
    @Path("/jobs")
    @Operation(
            operationId = "listJobsOfAccount",
            summary = "List the jobs of an account",
            description = "A page of the jobs that act as that account, archived ones included, by name unless asked"
                    + " otherwise.")
    public PageView<JobSummary> list(@PathParam("username") String username, @BeanParam PageRequest page) {
        return jobs.ofAccount(username, page);
    }

    @POST
    @Path("/transfer")
    @Operation(
            operationId = "transferJobs",
            summary = "Transfer the jobs of an account",
            description =
                    "All jobs that act as the account, archived ones too, act as the other one from their next run on:"
                            + " all or none. Each gets a new revision. A run that goes on ends as it began.")
    @APIResponse(responseCode = "200", description = "The jobs that were moved")
    public TransferView transfer(@PathParam("username") String username, TransferDraft draft) {
        return jobs.transfer(username, draft);
    }
}
