package io.asyncjobs.job;

import io.asyncjobs.platform.http.PageView;
import java.util.List;
import java.util.Map;

/**
 * A page of jobs by how they do.
 *
 * @param counts how many of the jobs that the filter takes are in each part
 * @param users whom these act as, in order
 */
public record JobListView(PageView<JobSummary> page, Map<JobHealth, Long> counts, List<String> users) {

    public JobListView {
        counts = Map.copyOf(counts);
        users = List.copyOf(users);
    }
}
