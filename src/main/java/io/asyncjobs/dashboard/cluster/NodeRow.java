package io.asyncjobs.dashboard.cluster;

import io.asyncjobs.schedule.NodeView;
import java.time.Duration;
import java.util.List;

/**
 * A node on a page.
 *
 * @param age how long ago it was last heard of
 */
public record NodeRow(NodeView node, Duration age, List<WorkerRow> workers) {

    /** One second between heartbeats; at five the others take over. */
    private static final Duration LATE = Duration.ofSeconds(3);

    public NodeRow {
        workers = List.copyOf(workers);
    }

    /** How it is. */
    public String status() {
        if (node.endReason() != null) {
            return node.endReason();
        }
        if (age.compareTo(LATE) > 0) {
            return "late";
        }
        // It beats, but no run can start on it
        boolean stuck = !workers.isEmpty()
                && workers.stream().allMatch(worker -> worker.state().equals("condemned"));
        return stuck ? "stuck" : "alive";
    }
}
