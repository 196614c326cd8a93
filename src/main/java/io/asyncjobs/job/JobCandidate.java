package io.asyncjobs.job;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** As much of a job as is needed to choose the jobs of a page, and to order them by how they do. */
record JobCandidate(Row row, JobActivities.State state) {

    /** What the job's table and its user's say. */
    record Row(
            UUID id,
            boolean archived,
            boolean paused,
            @Nullable String user,
            @Nullable Boolean userIsActive) {

        /** For a select clause; the query names job and account {@code j} and {@code a}. */
        static final String SELECTED = "new io.asyncjobs.job.JobCandidate$Row(j.id, j.archived,"
                + " case when j.pausedAt is null then false else true end, a.username, a.active)";
    }

    /** How much the job needs somebody, the most first. */
    enum Severity {
        BLOCKED,
        FAILING,
        PAUSED,
        WELL,
        ARCHIVED
    }

    UUID id() {
        return row.id();
    }

    boolean archived() {
        return row.archived();
    }

    boolean paused() {
        return row.paused();
    }

    /** By its user or by its timer, as {@link Blocked} has it. */
    boolean blocked() {
        return !archived() && (state.blocked() || Boolean.FALSE.equals(row.userIsActive()));
    }

    boolean fails() {
        return blocked() || !archived() && state.failingSince() != null;
    }

    Severity severity() {
        if (archived()) {
            return Severity.ARCHIVED;
        }
        if (blocked()) {
            return Severity.BLOCKED;
        }
        if (fails()) {
            return Severity.FAILING;
        }
        return paused() ? Severity.PAUSED : Severity.WELL;
    }
}
