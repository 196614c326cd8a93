package io.asyncjobs.job;

import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Which jobs depend on an account, over HTTP. */
@Path("/api/v1/accounts/{username}/jobs")
@Tag(name = "accounts")
public class AccountJobsResource {

    private final JobOperations jobs;

    AccountJobsResource(JobOperations jobs) {
        this.jobs = jobs;
    }

    @GET
    @Operation(
            operationId = "listJobsOfAccount",
            summary = "List the jobs of an account",
            description = "A page of the jobs that act as that account, archived ones included, by name unless asked"
                    + " otherwise.")
    public PageView<JobSummary> list(@PathParam("username") String username, @BeanParam PageRequest page) {
        return jobs.ofAccount(username, page);
    }
}
