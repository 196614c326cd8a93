package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.problem.UnknownException;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/** The form to edit a job. */
@Path("/admin/support/async-jobs/{id}/edit")
@Produces(MediaType.TEXT_HTML)
@Consumes(MediaType.MULTIPART_FORM_DATA)
@Blocking
public class EditJobPage {

    private final JobForms forms;
    private final JobOperations jobs;

    EditJobPage(JobForms forms, JobOperations jobs) {
        this.forms = forms;
        this.jobs = jobs;
    }

    @GET
    @Consumes(MediaType.WILDCARD)
    public TemplateInstance show(@PathParam("id") String id, @QueryParam("line") @Nullable Integer line) {
        return forms.show(jobs.get(id), line);
    }

    @POST
    public Response save(@PathParam("id") String id, MultipartFormDataInput typed) {
        return unlessGone(id, typed, job -> forms.save(job, typed));
    }

    @POST
    @Path("/review")
    public Response review(@PathParam("id") String id, MultipartFormDataInput typed) {
        return unlessGone(id, typed, job -> forms.goOn(JobForms.Step.REVIEW, job, typed));
    }

    @POST
    @Path("/try")
    public Response tryOut(@PathParam("id") String id, MultipartFormDataInput typed) {
        return unlessGone(id, typed, job -> forms.goOn(JobForms.Step.TRY, job, typed));
    }

    @POST
    @Path("/form")
    public Response form(@PathParam("id") String id, MultipartFormDataInput typed) {
        return unlessGone(id, typed, job -> forms.goOn(JobForms.Step.FORM, job, typed));
    }

    private Response unlessGone(String id, MultipartFormDataInput typed, Function<Tagged<JobView>, Response> answer) {
        try {
            return answer.apply(jobs.get(id));
        } catch (UnknownException e) {
            return forms.gone(e, typed);
        }
    }
}
