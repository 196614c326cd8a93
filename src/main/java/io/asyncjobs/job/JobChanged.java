package io.asyncjobs.job;

import java.util.UUID;

/** A job was created or its configuration changed; fired inside the transaction, to be observed after it. */
public record JobChanged(UUID jobId) {}
