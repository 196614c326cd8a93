package io.asyncjobs.dashboard.runs;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.run.history.RunLogs;
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
import jakarta.ws.rs.QueryParam;
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

        static native TemplateInstance run(Shell shell, RunDetails details, RunPlace place, LogView log);

        static native TemplateInstance runLog(Shell shell, RunRow row, LogPageView log);

        static native TemplateInstance runComparison(Shell shell, RunComparison comparison);
    }

    private final Shells shells;
    private final RunFinder finder;
    private final PrettyJson json;
    private final RunOperations runs;
    private final RunLogs logs;
    private final JobOperations jobs;

    RunPage(Shells shells, RunFinder finder, PrettyJson json, RunOperations runs, RunLogs logs, JobOperations jobs) {
        this.shells = shells;
        this.finder = finder;
        this.json = json;
        this.runs = runs;
        this.logs = logs;
        this.jobs = jobs;
    }

    @GET
    public TemplateInstance show(@PathParam("id") UUID job, @PathParam("run") UUID id) {
        RunView run = finder.run(job, id);
        return Templates.run(
                shells.of(Shell.Section.JOBS),
                RunDetails.of(run, json),
                finder.place(run),
                // The log is read after the state: of a run that has ended by then it is whole
                LogView.of(run, logs));
    }

    /** A page of the log, for logs that are longer than the page of the run shows. */
    @GET
    @Path("/log")
    public TemplateInstance log(
            @PathParam("id") UUID job, @PathParam("run") UUID id, @QueryParam("page") @Nullable Integer page) {
        RunView run = finder.run(job, id);
        return Templates.runLog(
                shells.of(Shell.Section.JOBS),
                RunRow.of(run, json),
                LogPageView.of(run, logs, page == null ? 0 : page));
    }

    /** What was different in another run; in the last one before that succeeded, unless told. */
    @GET
    @Path("/compare")
    public TemplateInstance compare(
            @PathParam("id") UUID job, @PathParam("run") UUID id, @QueryParam("with") @Nullable UUID with) {
        RunView run = finder.run(job, id);
        UUID other = with != null
                ? with
                : finder.lastSuccess(run)
                        .orElseThrow(() -> new UnknownException("No run before this one is known to have succeeded."));
        return Templates.runComparison(
                shells.of(Shell.Section.JOBS), RunComparison.of(finder.run(job, other), run, jobs, json));
    }

    @POST
    @Path("/cancel")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response cancel(@PathParam("id") UUID job, @PathParam("run") UUID id, @RestForm @Nullable String reason) {
        RunView run = finder.run(job, id);
        runs.cancel(id, ReasonParameter.checked(reason));
        return done(run, Notice.CANCELLED);
    }

    /** Leads to a run, so that a reload does nothing twice. */
    static Response done(RunView run, Notice notice) {
        return Address.seeOther(Address.of(Shell.Section.JOBS.path() + "/" + run.jobId() + "/runs/" + run.id())
                        .with("done", notice.key())
                        .toString())
                .build();
    }
}
