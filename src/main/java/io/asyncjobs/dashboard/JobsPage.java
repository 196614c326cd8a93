package io.asyncjobs.dashboard;

import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobSummary;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.run.RunHistory;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The list of jobs. */
@Path("/admin/support/async-jobs")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class JobsPage {

    /** How many of a job's latest runs stand in its row. */
    private static final int MARKS = 16;

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance jobs(
                Shell shell, JobListQuery query, ListQuery list, Collection<String> rows, String live);

        static native TemplateInstance jobRow(JobRow row);
    }

    private final Shells shells;
    private final JobOperations jobs;
    private final RunHistory runs;
    private final LiveRows live;

    JobsPage(Shells shells, JobOperations jobs, RunHistory runs, LiveRows live) {
        this.shells = shells;
        this.jobs = jobs;
        this.runs = runs;
        this.live = live;
    }

    @GET
    public TemplateInstance list(@BeanParam JobListQuery query) {
        PageView<JobSummary> shown = jobs.list(query.filter(), query.page);
        Map<String, String> rows = rows(shown.items());
        return Templates.jobs(
                shells.of(Shell.Section.JOBS),
                query,
                ListQuery.of(query.address(), query.sort, shown),
                rows.values(),
                query.live().with("seen", rows.hashCode()).toString());
    }

    /** The rows of the same list that have changed, as they change: events named {@code row}, an id and its HTML. */
    @GET
    @Path("/live")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void live(
            @BeanParam JobListQuery query,
            @QueryParam("seen") @Nullable Integer seen,
            @Context SseEventSink sink,
            @Context Sse sse) {
        live.send(() -> rows(jobs.list(query.filter(), query.page).items()), seen, sink, sse);
    }

    /** The HTML of each row, by the job's id. */
    private Map<String, String> rows(List<JobSummary> shown) {
        Map<UUID, List<RunHistory.Mark>> marks =
                runs.latest(shown.stream().map(JobSummary::id).toList(), MARKS);
        Map<String, String> rows = new LinkedHashMap<>();
        for (JobSummary job : shown) {
            JobRow row = new JobRow(job, marks.getOrDefault(job.id(), List.of()));
            rows.put(job.id().toString(), Templates.jobRow(row).render());
        }
        return rows;
    }
}
