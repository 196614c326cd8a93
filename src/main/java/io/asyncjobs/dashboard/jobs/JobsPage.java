package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobSummary;
import io.asyncjobs.platform.http.PageView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Collection;
import java.util.Map;

/** The list of jobs. */
@Path("/admin/support/async-jobs")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class JobsPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance jobs(
                Shell shell, JobListQuery query, ListQuery list, Collection<String> rows, String live);
    }

    private final Shells shells;
    private final JobOperations jobs;
    private final JobRows rows;

    JobsPage(Shells shells, JobOperations jobs, JobRows rows) {
        this.shells = shells;
        this.jobs = jobs;
        this.rows = rows;
    }

    @GET
    public TemplateInstance list(@BeanParam JobListQuery query) {
        PageView<JobSummary> shown = jobs.list(query.filter(), query.page);
        Map<String, String> html = rows.html(shown.items());
        return Templates.jobs(
                shells.of(Shell.Section.JOBS),
                query,
                ListQuery.of(query.address(), query.sort, shown),
                html.values(),
                query.live().with("seen", html.hashCode()).toString());
    }
}
