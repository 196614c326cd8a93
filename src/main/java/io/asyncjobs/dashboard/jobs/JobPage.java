package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.dashboard.audit.AuditRow;
import io.asyncjobs.dashboard.form.UtcInput;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.JobHead;
import io.asyncjobs.dashboard.shell.JobHeads;
import io.asyncjobs.dashboard.shell.LiveRows;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.PauseDraft;
import io.asyncjobs.job.RevertDraft;
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
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** A job: what it is, how it does, and what can be done with it. */
@Path("/admin/support/async-jobs/{id}")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class JobPage {

    private static final String NOW = "now";

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance job(
                Shell shell,
                JobHead head,
                JobText text,
                LedgerPlot plot,
                String now,
                Collection<String> rows,
                String live,
                List<AuditRow> events);

        static native TemplateInstance jobNow(JobHead head, @Nullable JobFailure failure);
    }

    private final Shells shells;
    private final JobHeads heads;
    private final JobContents contents;
    private final JobOperations jobs;
    private final RunOperations runs;
    private final LiveRows live;

    JobPage(
            Shells shells,
            JobHeads heads,
            JobContents contents,
            JobOperations jobs,
            RunOperations runs,
            LiveRows live) {
        this.shells = shells;
        this.heads = heads;
        this.contents = contents;
        this.jobs = jobs;
        this.runs = runs;
        this.live = live;
    }

    @GET
    public TemplateInstance show(@PathParam("id") String id, @QueryParam("window") @Nullable String window) {
        JobHead head = heads.of(id, JobHead.Tab.OVERVIEW);
        Map<String, String> parts = parts(head);
        String live =
                Address.of(head.path() + "/live").with("seen", parts.hashCode()).toString();
        String now = parts.remove(NOW);
        return Templates.job(
                shells.of(Shell.Section.JOBS),
                head,
                contents.text(head.job()),
                contents.plot(head.job().id(), window),
                now == null ? "" : now,
                parts.values(),
                live,
                contents.events(head.job().id()));
    }

    /** What changes while the page is looked at: the facts of the moment and the latest runs. */
    @GET
    @Path("/live")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void live(
            @PathParam("id") String id,
            @QueryParam("seen") @Nullable Integer seen,
            @Context SseEventSink sink,
            @Context Sse sse) {
        live.send(() -> parts(heads.of(id, JobHead.Tab.OVERVIEW)), seen, sink, sse);
    }

    @POST
    @Path("/runs")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response run(@PathParam("id") String id, @RestForm @Nullable String reason) {
        RunView started = runs.start(id, ReasonParameter.checked(reason));
        return done(started.jobId() + "/runs/" + started.id(), Notice.STARTED);
    }

    @POST
    @Path("/pause")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response pause(
            @PathParam("id") String id, @RestForm @Nullable String until, @RestForm @Nullable String reason) {
        return done(
                jobs.pause(id, new PauseDraft(ReasonParameter.checked(reason), UtcInput.parse("until", until)))
                        .body()
                        .id()
                        .toString(),
                Notice.PAUSED);
    }

    @POST
    @Path("/resume")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response resume(@PathParam("id") String id, @RestForm @Nullable String reason) {
        return done(jobs.resume(id, ReasonParameter.checked(reason)).body().id().toString(), Notice.RESUMED);
    }

    @POST
    @Path("/archive")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response archive(
            @PathParam("id") String id, @RestForm @Nullable String etag, @RestForm @Nullable String reason) {
        return done(
                jobs.setArchived(id, true, ReasonParameter.checked(reason), etag)
                        .body()
                        .id()
                        .toString(),
                Notice.ARCHIVED);
    }

    @POST
    @Path("/unarchive")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response unarchive(
            @PathParam("id") String id, @RestForm @Nullable String etag, @RestForm @Nullable String reason) {
        return done(
                jobs.setArchived(id, false, ReasonParameter.checked(reason), etag)
                        .body()
                        .id()
                        .toString(),
                Notice.UNARCHIVED);
    }

    @POST
    @Path("/revert")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response revert(
            @PathParam("id") String id,
            @RestForm int revision,
            @RestForm @Nullable String etag,
            @RestForm @Nullable String reason) {
        return done(
                jobs.revert(id, new RevertDraft(revision, ReasonParameter.checked(reason)), etag)
                        .body()
                        .id()
                        .toString(),
                Notice.REVERTED);
    }

    @POST
    @Path("/delete")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response delete(
            @PathParam("id") String id, @RestForm @Nullable String etag, @RestForm @Nullable String reason) {
        jobs.delete(id, ReasonParameter.checked(reason), etag);
        return done("", Notice.DELETED);
    }

    /** The HTML of what changes, by the ids of its elements. */
    private Map<String, String> parts(JobHead head) {
        Map<String, String> html = new LinkedHashMap<>();
        html.put(NOW, Templates.jobNow(head, contents.failure(head.job())).render());
        html.putAll(contents.runs(head.job().id()));
        return html;
    }

    /** Leads to what is there now, so that a reload does nothing twice. */
    private static Response done(String page, Notice notice) {
        String path = Shell.Section.JOBS.path() + (page.isEmpty() ? "" : "/" + page);
        return Address.seeOther(Address.of(path).with("done", notice.key()).toString())
                .build();
    }
}
