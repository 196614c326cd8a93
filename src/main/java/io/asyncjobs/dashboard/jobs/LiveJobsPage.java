package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.LiveRows;
import io.asyncjobs.job.JobOperations;
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
import org.jspecify.annotations.Nullable;

/** What changes in the list of jobs while it is looked at. Not below the list, where the path would be that of a job of this name. */
@Path(LiveJobsPage.PATH)
@Blocking
public class LiveJobsPage {

    static final String PATH = "/admin/support/live/async-jobs";

    private final JobOperations jobs;
    private final JobRows rows;
    private final LiveRows live;

    LiveJobsPage(JobOperations jobs, JobRows rows, LiveRows live) {
        this.jobs = jobs;
        this.rows = rows;
        this.live = live;
    }

    /** The rows of that list that have changed, as they change: events named {@code row}, an id and its HTML. */
    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void live(
            @BeanParam JobListQuery query,
            @QueryParam("seen") @Nullable Integer seen,
            @Context SseEventSink sink,
            @Context Sse sse) {
        live.send(
                () -> rows.html(query, jobs.byHealth(query.filter(), query.part, query.wantedOutcome(), query.page)),
                seen,
                sink,
                sse);
    }
}
