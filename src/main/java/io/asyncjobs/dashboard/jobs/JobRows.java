package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.JobRow;
import io.asyncjobs.job.JobListView;
import io.asyncjobs.job.JobSummary;
import io.asyncjobs.run.history.RunActivities;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Jobs as rows of the list, with their latest runs. */
@Singleton
class JobRows {

    /** How many of a job's latest runs stand in its row. */
    private static final int MARKS = 16;

    /** What the tabs stand under, among the rows that stand under the ids of their jobs. */
    static final String TABS = "tabs";

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance jobRow(JobRow row);

        static native TemplateInstance jobTabs(JobTabs tabs);
    }

    private final RunActivities runs;

    JobRows(RunActivities runs) {
        this.runs = runs;
    }

    /** The HTML of the tabs under {@link #TABS}, and that of each row by the job's id, in their order. */
    Map<String, String> html(JobListQuery query, JobListView list) {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put(TABS, Templates.jobTabs(JobTabs.of(query, list.counts())).render());
        parts.putAll(html(list.page().items()));
        return parts;
    }

    private Map<String, String> html(List<JobSummary> jobs) {
        Map<UUID, List<RunActivities.Mark>> marks =
                runs.latest(jobs.stream().map(JobSummary::id).toList(), MARKS);
        Map<String, String> rows = new LinkedHashMap<>();
        for (JobSummary job : jobs) {
            JobRow row = new JobRow(job, marks.getOrDefault(job.id(), List.of()));
            rows.put(job.id().toString(), Templates.jobRow(row).render());
        }
        return rows;
    }
}
