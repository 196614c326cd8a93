package io.asyncjobs.bench.peers;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.filters.JobServerFilter;
import org.jobrunr.jobs.states.ScheduledState;
import org.jobrunr.scheduling.BackgroundJob;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;

/** JobRunr, which refuses intervals under five seconds; a backlog is enqueued, which it does best. Public for JobRunr. */
public final class JobRunrPeer implements Peer {

    private static final int SHORTEST_SECONDS = 5;
    private static final int WORKERS = 32;

    private BackgroundJobServer server;

    /** What its jobs are. */
    public static void nothing(int job) {}

    private record Watch(Starts starts, Instant first) implements JobServerFilter {

        @Override
        public void onProcessing(Job job) {
            starts.add(job.getLastJobStateOfType(ScheduledState.class)
                    .map(ScheduledState::getScheduledAt)
                    .orElse(first));
        }
    }

    @Override
    public String name() {
        return "JobRunr";
    }

    @Override
    public int intervalSeconds(int wanted) {
        return Math.max(SHORTEST_SECONDS, wanted);
    }

    @Override
    public void prepare(DataSource database, Load load, Starts starts) {
        BackgroundJobServerConfiguration settings =
                BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                        .andPollInterval(Duration.ofSeconds(SHORTEST_SECONDS))
                        .andWorkerCount(WORKERS)
                        .andInterruptJobsAwaitDurationOnStopBackgroundJobServer(Duration.ofSeconds(2));
        server = JobRunr.configure()
                .useStorageProvider(new PostgresStorageProvider(database))
                .withJobFilter(new Watch(starts, load.first()))
                .useBackgroundJobServer(settings, false)
                .initialize()
                .getBackgroundJobServer();
        if (load.backlog()) {
            BackgroundJob.enqueue(IntStream.range(0, load.jobs()).boxed(), job -> JobRunrPeer.nothing(job));
            return;
        }
        for (int number = 0; number < load.jobs(); number++) {
            int job = number;
            BackgroundJob.scheduleRecurrently(
                    Integer.toString(job),
                    Duration.ofSeconds(load.intervalSeconds()),
                    () -> JobRunrPeer.nothing(job));
        }
    }

    @Override
    public void start() {
        server.start();
    }

    @Override
    public void stop() {
        JobRunr.destroy();
    }
}
