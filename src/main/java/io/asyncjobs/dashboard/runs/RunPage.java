package io.asyncjobs.dashboard.runs;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.JobHeads;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.run.history.RunOperations;
import io.asyncjobs.run.history.RunView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** A run: what became of it and what it said. It may be there for longer than its job. */
@Path("/admin/support/async-jobs/{id}/runs/{run: [0-9a-fA-F-]{36}}")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class RunPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance run(Shell shell, RunDetails details, boolean reasonRequired);
    }

    private final Shells shells;
    private final JobHeads heads;
    private final PrettyJson json;
    private final RunOperations runs;

    RunPage(Shells shells, JobHeads heads, PrettyJson json, RunOperations runs) {
        this.shells = shells;
        this.heads = heads;
        this.json = json;
        this.runs = runs;
    }

    @GET
    public TemplateInstance show(@PathParam("id") UUID job, @PathParam("run") UUID id) {
        RunView run = of(job, id);
        return Templates.run(
                shells.of(Shell.Section.JOBS),
                // The log is read after the state: of a run that has ended by then it is whole
                RunDetails.of(run, runs.log(id), json),
                heads.reasonRequired());
    }

    @POST
    @Path("/cancel")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response cancel(@PathParam("id") UUID job, @PathParam("run") UUID id, @RestForm @Nullable String reason) {
        RunView run = of(job, id);
        runs.cancel(id, ReasonParameter.checked(reason));
        return Address.seeOther(Address.of(Shell.Section.JOBS.path() + "/" + run.jobId() + "/runs/" + run.id())
                        .with("done", Notice.CANCELLED.key())
                        .toString())
                .build();
    }

    private RunView of(UUID job, UUID id) {
        RunView run = runs.get(id);
        if (!run.jobId().equals(job)) {
            throw new UnknownException("There is no run with the id " + id + " of that job.");
        }
        return run;
    }
}
