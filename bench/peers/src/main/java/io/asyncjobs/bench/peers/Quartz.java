package io.asyncjobs.bench.peers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Date;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import javax.sql.DataSource;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

/** Quartz with its clustered store; all triggers belong to one job that may overlap, which costs it least. */
final class Quartz implements Peer {

    private static final String NAME = "empty";
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("org.quartz.scheduler.instanceName", NAME),
            Map.entry("org.quartz.scheduler.instanceId", "AUTO"),
            Map.entry("org.quartz.scheduler.batchTriggerAcquisitionMaxCount", "100"),
            Map.entry("org.quartz.scheduler.idleWaitTime", "1000"),
            Map.entry("org.quartz.threadPool.threadCount", "100"),
            Map.entry("org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX"),
            Map.entry("org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate"),
            Map.entry("org.quartz.jobStore.dataSource", NAME),
            Map.entry("org.quartz.jobStore.isClustered", "true"),
            Map.entry("org.quartz.jobStore.acquireTriggersWithinLock", "true"),
            // What is late runs all the same
            Map.entry("org.quartz.jobStore.misfireThreshold", "600000"));

    /** Quartz makes its jobs itself. */
    private static volatile Starts starts;

    private Scheduler scheduler;

    /** Public for Quartz. */
    public static final class Empty implements Job {

        @Override
        public void execute(JobExecutionContext context) {
            starts.add(context.getScheduledFireTime().toInstant());
        }
    }

    private record Connections(DataSource database) implements ConnectionProvider {

        @Override
        public Connection getConnection() throws SQLException {
            return database.getConnection();
        }

        @Override
        public void initialize() {}

        @Override
        public void shutdown() {}
    }

    @Override
    public String name() {
        return "Quartz, clustered";
    }

    @Override
    public void prepare(DataSource database, Load load, Starts starts) throws Exception {
        Quartz.starts = starts;
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(tables());
        }
        DBConnectionManager.getInstance().addConnectionProvider(NAME, new Connections(database));
        Properties settings = new Properties();
        settings.putAll(SETTINGS);
        scheduler = new StdSchedulerFactory(settings).getScheduler();
        JobDetail job = JobBuilder.newJob(Empty.class).withIdentity(NAME).storeDurably().build();
        Set<Trigger> triggers = new HashSet<>();
        for (int number = 0; number < load.jobs(); number++) {
            SimpleScheduleBuilder schedule = SimpleScheduleBuilder.simpleSchedule();
            if (!load.backlog()) {
                schedule.withIntervalInSeconds(load.intervalSeconds()).repeatForever();
            }
            triggers.add(TriggerBuilder.newTrigger()
                    .withIdentity(Integer.toString(number))
                    .startAt(Date.from(load.firstOf(number)))
                    .withSchedule(schedule)
                    .build());
        }
        scheduler.scheduleJobs(Map.of(job, triggers), false);
    }

    @Override
    public void start() throws Exception {
        scheduler.start();
    }

    @Override
    public void stop() throws Exception {
        scheduler.shutdown(true);
    }

    private static String tables() throws IOException {
        try (InputStream script = Scheduler.class.getResourceAsStream("impl/jdbcjobstore/tables_postgres.sql")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
