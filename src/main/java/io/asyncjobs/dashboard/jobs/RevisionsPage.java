package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.JobHead;
import io.asyncjobs.dashboard.shell.JobHeads;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.RevisionSummary;
import io.asyncjobs.job.RevisionView;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** What a job was at each save, and what is different between two of them. */
@Path("/admin/support/async-jobs/{id}/revisions")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class RevisionsPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance revisions(
                Shell shell, JobHead head, ListQuery list, PageView<RevisionSummary> shown);

        static native TemplateInstance revision(Shell shell, JobHead head, RevisionView saved, JobText text);

        static native TemplateInstance difference(Shell shell, JobHead head, Difference difference);
    }

    private final Shells shells;
    private final JobHeads heads;
    private final PrettyJson json;
    private final JobOperations jobs;

    RevisionsPage(Shells shells, JobHeads heads, PrettyJson json, JobOperations jobs) {
        this.shells = shells;
        this.heads = heads;
        this.json = json;
        this.jobs = jobs;
    }

    @GET
    public TemplateInstance list(@PathParam("id") String id, @BeanParam PageRequest page) {
        JobHead head = heads.of(id, JobHead.Tab.REVISIONS);
        PageView<RevisionSummary> shown = jobs.revisions(id, page);
        Address here = Address.of(head.path() + JobHead.Tab.REVISIONS.path())
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size());
        return Templates.revisions(shells.of(Shell.Section.JOBS), head, ListQuery.of(here, "", shown), shown);
    }

    @GET
    @Path("/{revision}")
    public TemplateInstance show(@PathParam("id") String id, @PathParam("revision") int revision) {
        JobHead head = heads.of(id, JobHead.Tab.REVISIONS);
        RevisionView saved = jobs.revision(id, revision);
        return Templates.revision(shells.of(Shell.Section.JOBS), head, saved, JobText.of(saved, json));
    }

    /** Two revisions side by side: the latest and the one before it unless given. */
    @GET
    @Path("/diff")
    public TemplateInstance compare(
            @PathParam("id") String id,
            @QueryParam("from") @Nullable Integer from,
            @QueryParam("to") @Nullable Integer to) {
        JobHead head = heads.of(id, JobHead.Tab.REVISIONS);
        int after = to == null ? head.job().revision() : to;
        int before = from == null ? Math.max(1, after - 1) : from;
        return Templates.difference(
                shells.of(Shell.Section.JOBS),
                head,
                Difference.of(jobs.revision(id, before), jobs.revision(id, after), json));
    }
}
