package io.asyncjobs.connection;

import java.util.UUID;

/** A connection is gone. */
record ConnectionDeleted(UUID id) {}
