package io.asyncjobs.dashboard.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.audit.AuditFilter;
import io.asyncjobs.audit.AuditHistory;
import io.asyncjobs.dashboard.audit.AuditChange;
import io.asyncjobs.dashboard.audit.AuditRow;
import io.asyncjobs.dashboard.runs.JobRunsPage;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobView;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.run.history.RunActivities;
import io.asyncjobs.run.history.RunOperations;
import io.asyncjobs.run.ledger.Ledger;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the page of a job tells of it. */
@Singleton
class JobContents {

    private static final int LATEST_RUNS = 8;
    private static final int LATEST_EVENTS = 5;
    private static final int MARKED_SAVES = 50;

    private final Ledger ledger;
    private final RunOperations runs;
    private final RunActivities activities;
    private final JobOperations jobs;
    private final AuditHistory audit;
    private final PrettyJson pretty;
    private final ObjectMapper json;

    JobContents(
            Ledger ledger,
            RunOperations runs,
            RunActivities activities,
            JobOperations jobs,
            AuditHistory audit,
            PrettyJson pretty,
            ObjectMapper json) {
        this.activities = activities;
        this.jobs = jobs;
        this.ledger = ledger;
        this.runs = runs;
        this.audit = audit;
        this.pretty = pretty;
        this.json = json;
    }

    JobText text(JobView job) {
        return JobText.of(job, pretty);
    }

    LedgerPlot plot(UUID job, @Nullable String window) {
        return LedgerPlot.of(
                ledger,
                job,
                LedgerPlot.Window.of(window),
                jobs.revisions(job.toString(), PageRequest.of(0, MARKED_SAVES, null))
                        .items());
    }

    /** What is wrong with the job; null where it does not fail, and of an archived one. */
    @Nullable
    JobFailure failure(JobView job) {
        if (job.archived()) {
            return null;
        }
        return activities
                .failure(job.id())
                .map(known -> new JobFailure(
                        job.id(),
                        known,
                        known.latest() == null ? "" : error(known.latest().id()),
                        known.first() == null
                                ? null
                                : jobs.revision(
                                        job.id().toString(), known.first().revision())))
                .orElse(null);
    }

    /** The message of that run's error. */
    private String error(UUID run) {
        String error = runs.get(run).error();
        return error == null ? "" : PrettyJson.brief(pretty.read(error).path("message"));
    }

    /** The HTML of the latest runs, by the ids of their rows. */
    Map<String, String> runs(UUID job) {
        PageRequest latest = PageRequest.of(0, LATEST_RUNS, null);
        return JobRunsPage.rows(
                runs.list(job.toString(), null, null, null, latest).items(), pretty);
    }

    /** What was done to the job of late; what its runs did stands with them. */
    List<AuditRow> events(UUID job) {
        AuditFilter ofTheJob = new AuditFilter("job", job.toString(), null, null, null, null, null);
        return audit.list(ofTheJob, PageRequest.of(0, LATEST_EVENTS, null)).items().stream()
                .map(event -> new AuditRow(event, AuditChange.of(json, event.before(), event.after())))
                .toList();
    }
}
