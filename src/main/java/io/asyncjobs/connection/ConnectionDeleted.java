package io.asyncjobs.connection;

import java.util.UUID;

/** A connection is gone. */
public record ConnectionDeleted(UUID id) {}
