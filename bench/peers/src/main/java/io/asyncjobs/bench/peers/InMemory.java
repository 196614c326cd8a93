package io.asyncjobs.bench.peers;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** The floor: timers of the JDK, with nothing stored anywhere. */
final class InMemory implements Peer {

    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
    private Runnable begin = () -> {};

    @Override
    public String name() {
        return "JDK timers, nothing stored";
    }

    @Override
    public void prepare(DataSource database, Load load, Starts starts) {
        begin = () -> {
            for (int job = 0; job < load.jobs(); job++) {
                Task task = new Task(load.firstOf(job), Duration.ofSeconds(load.intervalSeconds()), starts);
                long delay = Duration.between(Instant.now(), load.firstOf(job)).toNanos();
                if (load.backlog()) {
                    timers.execute(task);
                } else {
                    timers.scheduleAtFixedRate(
                            task, delay, Duration.ofSeconds(load.intervalSeconds()).toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        };
    }

    @Override
    public void start() {
        begin.run();
    }

    @Override
    public void stop() {
        timers.shutdownNow();
    }

    private static final class Task implements Runnable {

        private final Duration interval;
        private final Starts starts;
        private Instant due;

        Task(Instant due, Duration interval, Starts starts) {
            this.due = due;
            this.interval = interval;
            this.starts = starts;
        }

        @Override
        public void run() {
            starts.add(due);
            due = due.plus(interval);
        }
    }
}
