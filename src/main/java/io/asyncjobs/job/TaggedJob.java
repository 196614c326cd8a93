package io.asyncjobs.job;

/**
 * A job as a client sees it, with the tag of that state.
 *
 * @param etag strong, quoted as in the header
 */
public record TaggedJob(JobView job, String etag) {}
