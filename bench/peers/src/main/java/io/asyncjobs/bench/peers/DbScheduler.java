package io.asyncjobs.bench.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.SchedulableInstance;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.PlainScheduleAndData;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTaskWithPersistentSchedule;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Schedule;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** db-scheduler at its quickest: lock-and-fetch with a short poll, one persistent schedule for each job. */
final class DbScheduler implements Peer {

    private static final int THREADS = 20;
    private static final Duration POLL = Duration.ofMillis(50);

    /** As its documentation asks for. */
    private static final String TABLE = """
            create table if not exists scheduled_tasks (
                task_name text not null,
                task_instance text not null,
                task_data bytea,
                execution_time timestamptz not null,
                picked boolean not null,
                picked_by text,
                last_success timestamptz,
                last_failure timestamptz,
                consecutive_failures integer,
                last_heartbeat timestamptz,
                version bigint not null,
                priority smallint,
                state text,
                primary key (task_name, task_instance)
            );
            create index if not exists by_time on scheduled_tasks (execution_time);
            create index if not exists by_heartbeat on scheduled_tasks (last_heartbeat);
            """;

    private Scheduler scheduler;

    /** A fixed rate from the due time on; the library's own fixed delay counts from the end of the run and drifts. */
    record Grid(Duration interval) implements Schedule, Serializable {

        @Override
        public Instant getNextExecutionTime(ExecutionComplete done) {
            return done.getExecution().executionTime.plus(interval);
        }

        @Override
        public Instant getInitialExecutionTime(Instant now) {
            return now;
        }

        @Override
        public boolean isDeterministic() {
            return false;
        }
    }

    @Override
    public String name() {
        return "db-scheduler";
    }

    @Override
    public void prepare(DataSource database, Load load, Starts starts) throws Exception {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
        }
        RecurringTaskWithPersistentSchedule<PlainScheduleAndData> task = Tasks.recurringWithPersistentSchedule(
                        "empty", PlainScheduleAndData.class)
                .execute((instance, context) -> starts.add(context.getExecution().executionTime));
        scheduler = Scheduler.create(database, task)
                .threads(THREADS)
                .pollingInterval(POLL)
                .pollUsingLockAndFetch(0.5, 4.0)
                .shutdownMaxWait(Duration.ofSeconds(2))
                .build();
        PlainScheduleAndData grid = new PlainScheduleAndData(new Grid(Duration.ofSeconds(load.intervalSeconds())));
        Stream<SchedulableInstance<?>> jobs = IntStream.range(0, load.jobs())
                .mapToObj(job -> SchedulableInstance.of(
                        new TaskInstance<>("empty", Integer.toString(job), grid), load.firstOf(job)));
        scheduler.scheduleBatch(jobs);
    }

    @Override
    public void start() {
        scheduler.start();
    }

    @Override
    public void stop() {
        scheduler.stop();
    }
}
