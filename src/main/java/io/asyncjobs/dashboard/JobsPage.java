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
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

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

        static native TemplateInstance jobs(Shell shell, JobListQuery query, ListQuery list, List<JobRow> rows);

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
        return Templates.jobs(
                shells.of(Shell.Section.JOBS),
                query,
                ListQuery.of(query.address(), query.sort, shown),
                rows(shown.items()));
    }

    /** The rows of the same list that have changed, as they change: events named {@code row}, an id and its HTML. */
    @GET
    @Path("/live")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void live(@BeanParam JobListQuery query, @Context SseEventSink sink, @Context Sse sse) {
        live.send(
                () -> {
                    Map<String, String> html = new LinkedHashMap<>();
                    for (JobRow row : rows(jobs.list(query.filter(), query.page).items())) {
                        html.put(
                                row.job().id().toString(), Templates.jobRow(row).render());
                    }
                    return html;
                },
                sink,
                sse);
    }

    private List<JobRow> rows(List<JobSummary> shown) {
        Map<UUID, List<RunHistory.Mark>> marks =
                runs.latest(shown.stream().map(JobSummary::id).toList(), MARKS);
        return shown.stream()
                .map(job -> new JobRow(job, marks.getOrDefault(job.id(), List.of())))
                .toList();
    }
}
