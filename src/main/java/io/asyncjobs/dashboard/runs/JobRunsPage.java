package io.asyncjobs.dashboard.runs;

import io.asyncjobs.dashboard.shell.JobHead;
import io.asyncjobs.dashboard.shell.JobHeads;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.LiveRows;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.run.history.RunOperations;
import io.asyncjobs.run.history.RunView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
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
import org.jspecify.annotations.Nullable;

/** The runs of a job. */
@Path("/admin/support/async-jobs/{id}/runs")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class JobRunsPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance jobRuns(
                Shell shell, JobHead head, RunListQuery query, ListQuery list, Collection<String> rows, String live);

        static native TemplateInstance runRow(RunRow row);
    }

    private final Shells shells;
    private final JobHeads heads;
    private final PrettyJson json;
    private final RunOperations runs;
    private final LiveRows live;

    JobRunsPage(Shells shells, JobHeads heads, PrettyJson json, RunOperations runs, LiveRows live) {
        this.shells = shells;
        this.heads = heads;
        this.json = json;
        this.runs = runs;
        this.live = live;
    }

    @GET
    public TemplateInstance list(@PathParam("id") String id, @BeanParam RunListQuery query) {
        JobHead head = heads.of(id, JobHead.Tab.RUNS);
        String path = head.path() + JobHead.Tab.RUNS.path();
        PageView<RunView> shown = shown(id, query);
        Map<String, String> rows = rows(shown.items(), json);
        return Templates.jobRuns(
                shells.of(Shell.Section.JOBS),
                head,
                query,
                ListQuery.of(query.address(path), "", shown),
                rows.values(),
                query.live(path).with("seen", rows.hashCode()).toString());
    }

    /** The rows of the same list that come or change. */
    @GET
    @Path("/live")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void live(
            @PathParam("id") String id,
            @BeanParam RunListQuery query,
            @QueryParam("seen") @Nullable Integer seen,
            @Context SseEventSink sink,
            @Context Sse sse) {
        live.send(() -> rows(shown(id, query).items(), json), seen, sink, sse);
    }

    /** The HTML of each row, by its id. */
    public static Map<String, String> rows(List<RunView> shown, PrettyJson json) {
        Map<String, String> html = new LinkedHashMap<>();
        for (RunView run : shown) {
            html.put("run-" + run.id(), Templates.runRow(RunRow.of(run, json)).render());
        }
        return html;
    }

    private PageView<RunView> shown(String id, RunListQuery query) {
        return runs.list(id, query.outcome, query.fromInstant(), query.toInstant(), query.page);
    }
}
