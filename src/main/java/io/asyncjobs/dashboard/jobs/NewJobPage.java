package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.job.JobOperations;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/** The form to add a job: an empty one, or one that begins with another job or with an example. */
@Path("/admin/support/async-jobs/new")
@Produces(MediaType.TEXT_HTML)
@Consumes(MediaType.MULTIPART_FORM_DATA)
@Blocking
public class NewJobPage {

    private final JobForms forms;
    private final JobOperations jobs;

    NewJobPage(JobForms forms, JobOperations jobs) {
        this.forms = forms;
        this.jobs = jobs;
    }

    /** The form, unless a job has the name that stands in its address. */
    @GET
    @Consumes(MediaType.WILDCARD)
    public Response show(@QueryParam("from") @Nullable String job, @QueryParam("example") @Nullable String example) {
        if (job != null) {
            return Response.ok(forms.copy(job)).build();
        }
        if (example != null) {
            return Response.ok(forms.example(example)).build();
        }
        return jobs.named("new")
                .map(id -> Address.seeOther(Shell.Section.JOBS.path() + "/" + id))
                .orElseGet(() -> Response.ok(forms.show(null)))
                .build();
    }

    @POST
    public Response save(MultipartFormDataInput typed) {
        return forms.save(null, typed);
    }

    @POST
    @Path("/review")
    public Response review(MultipartFormDataInput typed) {
        return forms.goOn(JobForms.Step.REVIEW, null, typed);
    }

    @POST
    @Path("/try")
    public Response tryOut(MultipartFormDataInput typed) {
        return forms.goOn(JobForms.Step.TRY, null, typed);
    }

    @POST
    @Path("/form")
    public Response form(MultipartFormDataInput typed) {
        return forms.goOn(JobForms.Step.FORM, null, typed);
    }
}
