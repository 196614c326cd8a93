package io.asyncjobs.job;

import java.time.Instant;

/**
 * A job as it is stored in this environment.
 *
 * @param revision the number of its latest save, from 1
 * @param paused whether it is held
 */
public record SavedJob(
        ConfiguredJob configuration, int revision, boolean paused, Instant updatedAt, String updatedBy) {}
