package io.asyncjobs.dashboard.jobs;

import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** The form to add a job, where no job's name can stand in its way. */
@Path("/admin/support/new-job")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class BlankJobPage {

    private final JobForms forms;

    BlankJobPage(JobForms forms) {
        this.forms = forms;
    }

    @GET
    public TemplateInstance show() {
        return forms.show(null);
    }
}
