package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.job.JobListView;
import io.asyncjobs.job.JobOperations;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The list of jobs. */
@Path("/admin/support/async-jobs")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class JobsPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance jobs(
                Shell shell,
                JobListQuery query,
                ListQuery list,
                JobTabs tabs,
                String tabsHtml,
                List<String> users,
                Collection<String> rows,
                String live);
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
        JobListView shown = jobs.byHealth(query.filter(), query.part, query.wantedOutcome(), query.page);
        Map<String, String> html = rows.html(query, shown);
        String live = query.live().with("seen", html.hashCode()).toString();
        String tabs = Objects.requireNonNull(html.remove(JobRows.TABS));
        return Templates.jobs(
                shells.of(Shell.Section.JOBS),
                query,
                ListQuery.of(query.address(), query.sort, shown.page()),
                JobTabs.of(query, shown.counts()),
                tabs,
                shown.users(),
                html.values(),
                live);
    }
}
