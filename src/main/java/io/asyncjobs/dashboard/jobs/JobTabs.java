package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.Formats;
import io.asyncjobs.job.JobHealth;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The parts of the list of jobs, each with how many jobs of the filter it has.
 *
 * @param archived how many archived jobs the list of all hides; 0 in the other parts
 * @param archivedPath where these are listed
 */
public record JobTabs(List<Tab> tabs, long archived, String archivedPath) {

    /** A part. */
    public record Tab(String key, String title, String path, String count, boolean current) {}

    public JobTabs {
        tabs = List.copyOf(tabs);
    }

    static JobTabs of(JobListQuery query, Map<JobHealth, Long> counts) {
        return new JobTabs(
                Stream.of(JobHealth.values())
                        .map(part -> tab(query, part, counts.getOrDefault(part, 0L)))
                        .toList(),
                query.part == JobHealth.ALL ? counts.getOrDefault(JobHealth.ARCHIVED, 0L) : 0,
                query.of(JobHealth.ARCHIVED).toString());
    }

    private static Tab tab(JobListQuery query, JobHealth part, long count) {
        String key = JobListQuery.key(part);
        return new Tab(
                key,
                Character.toUpperCase(key.charAt(0)) + key.substring(1),
                query.of(part).toString(),
                Formats.count(count),
                part == query.part);
    }
}
