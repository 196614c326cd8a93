package io.asyncjobs.job;

import io.asyncjobs.script.LimitsConfig;

/** The most that a job may ask for in a service. */
record JobCeilings(int timeoutSeconds, int logBytes, int resultBytes, int stateChars, int hostCalls) {

    /** Where there is no service. */
    static final JobCeilings NONE = new JobCeilings(
            Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    static JobCeilings of(LimitsConfig limits) {
        return new JobCeilings(
                limits.maxTimeoutSeconds(),
                limits.maxLogBytes(),
                limits.maxResultBytes(),
                limits.maxStateChars(),
                limits.maxHostCalls());
    }
}
