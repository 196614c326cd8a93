package io.asyncjobs.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far the trail has come: the last event of its chain.
 *
 * @param seq 0 of an empty trail
 * @param at when the event happened; null of an empty trail
 * @param waiting how many events are committed and not in the chain yet
 */
public record AuditHead(long seq, @Nullable Instant at, String hash, long waiting) {}
