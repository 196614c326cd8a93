package io.asyncjobs.schedule;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The right to one run of a job, won in the database.
 *
 * @param epoch the fence: every write for this run names it, and changes nothing once a later claim exists
 * @param scheduledFor the tick, or for a run by hand the instant of the claim; may lie some milliseconds ahead
 * @param inactiveUser the account that the job acts as, if it was inactive at the claim: such a run must not do anything
 */
public record Claim(
        UUID runId,
        UUID jobId,
        int revision,
        long epoch,
        RunTrigger trigger,
        Instant scheduledFor,
        @Nullable String inactiveUser) {}
