package io.asyncjobs.run.retention;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long what runs left behind is kept. The latest {@link #keepLast} runs of a job stay whatever this says. */
@ConfigMapping(prefix = "asyncjobs.history")
public interface HistoryConfig {

    /** How long runs that succeeded are kept, with their logs. */
    @WithDefault("7d")
    Duration keepSucceeded();

    /** How long runs that ended otherwise are kept, with their logs. */
    @WithDefault("30d")
    Duration keepFailed();

    /** So many runs of each job are kept for ever, with their logs. */
    @WithDefault("20")
    int keepLast();

    /**
     * More runs of one job than this, of those that succeeded and of the others, need not be kept even if they are younger:
     * they go as soon as they make up most of a large partition.
     */
    @WithDefault("10000")
    int keepAtMost();

    /** How long the ledger reaches back: counts by the hour. */
    @WithDefault("90d")
    Duration keepLedger();

    /** How often a node looks whether there is something to make, roll up or drop. */
    @WithDefault("1m")
    Duration upkeepEvery();

    Partitions partitions();

    /** How runs are cut into partitions: an hour each where they come fast, else half a day. */
    interface Partitions {

        /** From so many bytes of runs and logs an hour on, a partition is an hour long. */
        @WithDefault("256M")
        MemorySize hourlyFrom();

        /** A partition of that size goes early when nine tenths of its runs are more than are kept. */
        @WithDefault("64M")
        MemorySize worthDropping();
    }
}
