package io.asyncjobs.bench.faults;

/** Something promised that did not hold, with what shows it. */
record Violation(Kind kind, String job, String evidence) {

    enum Kind {
        /** A tick of a job's active life that neither ran nor is part of a gap. */
        UNACCOUNTED_TICK,
        /** A tick that ran twice, or ran and is part of a gap, or is part of two. */
        DOUBLED_TICK,
        /** A tick that is not on the job's grid, or fell into a time in which the job had none. */
        STRAY_TICK,
        /** Of two runs of a job the earlier one acted when the later one had begun. */
        OVERLAP,
        /** As {@link #OVERLAP}, by a call that changes something. */
        EFFECT_OF_FENCED_RUN,
        /** A run began after one with a later epoch had begun. */
        LATE_START,
        /** A run that told the recorder of itself and is not on record. */
        UNRECORDED_RUN,
        /** A run on record as succeeded whose end or beginning nobody heard of, or heard twice. */
        WRONG_RECORD,
        /** A run without an end that nobody runs. */
        RUN_WITHOUT_END,
        /** A run's end was written again. */
        ENDED_TWICE,
        /** A run read another state than the last run that succeeded had left. */
        STALE_STATE,
        /** A change answered with success that is not there. */
        CHANGE_LOST,
        /** A change with more than one audit event. */
        CHANGE_TWICE,
        /** A change that was refused and is there all the same. */
        REFUSED_CHANGE,
        /** A change of which only some is there. */
        HALF_CHANGE,
        /** What scripts recorded for the trail is not there once for each run that succeeded. */
        WRONG_AUDIT,
        /** The trail does not verify. */
        BROKEN_CHAIN,
        /** A lease whose run does not go on. */
        STUCK_LEASE,
        /** A job that did not run again in time after the last fault. */
        SILENT_JOB,
        /** A node that ended by itself, or did not end when asked to. */
        NODE_ENDED,
        /** Heap, threads, connections or processes that did not come back to where they were. */
        RESOURCES
    }

    @Override
    public String toString() {
        return kind + " " + job + ": " + evidence;
    }
}
