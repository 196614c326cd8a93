package io.asyncjobs.dashboard.jobs;

import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What would be done to several jobs.
 *
 * @param until the end of a pause as the form takes it; empty for none
 */
public record BulkPlan(BulkAction action, List<Row> rows, String until) {

    /**
     * A job.
     *
     * @param acts whether anything is done to it
     * @param words what is done, or why nothing
     */
    public record Row(UUID id, String name, String status, boolean acts, String words) {}

    public BulkPlan {
        rows = List.copyOf(rows);
    }

    /** The jobs' ids, as the form sends them. */
    public String ids() {
        return rows.stream().map(row -> row.id().toString()).collect(Collectors.joining(" "));
    }
}
