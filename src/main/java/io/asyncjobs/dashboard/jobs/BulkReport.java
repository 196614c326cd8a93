package io.asyncjobs.dashboard.jobs;

import java.util.List;
import java.util.UUID;

/**
 * What became of an action on several jobs: each is done, or refused and as it was.
 *
 * @param done how many were
 */
public record BulkReport(BulkAction action, int done, List<Refused> refused) {

    /** A job to which nothing was done. */
    public record Refused(UUID id, String name, String why) {}

    public BulkReport {
        refused = List.copyOf(refused);
    }

    public int total() {
        return done + refused.size();
    }
}
