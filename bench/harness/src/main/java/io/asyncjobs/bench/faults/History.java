package io.asyncjobs.bench.faults;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a time of faults: what scripts told, what users asked for, and what the tables hold in the end. Instants of
 * the database are microseconds since 1970, those of the harness nanoseconds since it began.
 *
 * @param counting the jobs whose runs tell the state they read
 * @param probing the jobs whose runs each record one event
 * @param probes how many events of the trail each run recorded
 */
record History(
        List<Report> reports,
        List<Change> changes,
        List<Job> jobs,
        List<Revision> revisions,
        List<Timer> timers,
        List<Run> runs,
        List<Gap> gaps,
        List<Event> events,
        Map<UUID, Integer> probes,
        List<StoredState> states,
        List<String> counting,
        List<String> probing) {

    record Job(UUID id, String name, boolean archived, boolean paused, int intervalSeconds) {}

    record Revision(
            UUID job,
            int revision,
            boolean archived,
            int intervalSeconds,
            long savedAt,
            @Nullable String reason) {}

    /** {@code current} says whether it was made from the job as it is. */
    record Timer(
            UUID job,
            @Nullable Long nextTick,
            int intervalSeconds,
            boolean current,
            @Nullable UUID leaseRun) {}

    /**
     * {@code startedAt} is null for what never started, or nobody knows whether it did; {@code takenOver} says that somebody
     * else than whoever ran it put its end on record.
     */
    record Run(
            UUID id,
            UUID job,
            boolean timer,
            long scheduledFor,
            @Nullable Long startedAt,
            @Nullable String outcome,
            long epoch,
            boolean takenOver) {

        boolean succeeded() {
            return "succeeded".equals(outcome);
        }
    }

    record Gap(UUID job, long firstTick, long ticks, int intervalSeconds, String reason) {}

    /**
     * An event of the trail about a job or a run by a user.
     *
     * @param archived what the job was afterwards, where that changed; likewise the others
     */
    record Event(
            long seq,
            String action,
            UUID job,
            @Nullable UUID run,
            @Nullable String reason,
            @Nullable Boolean archived,
            @Nullable Boolean paused,
            @Nullable Integer intervalSeconds) {}

    /** The number that a job's runs keep. */
    record StoredState(UUID job, long value) {}
}
