package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.JobRows;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dispatchers with runs that are told of only, on real PostgreSQL. The application's own stands still meanwhile. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class DispatcherTest {

    /** Another node would be preferred for some of so many. */
    private static final int MANY_JOBS = 200;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Instant BASIS = Instant.parse("2000-01-01T00:00:00Z");

    @Inject
    Claims leases;

    @Inject
    Completions completions;

    @Inject
    Nodes nodes;

    @Inject
    Holdings holdings;

    @Inject
    TimerRepository repository;

    @Inject
    Dispatcher application;

    @Inject
    Reconciler reconciler;

    @Inject
    DataSource database;

    @Inject
    Jdbi jdbi;

    @Inject
    DatabaseClock clock;

    private final List<Dispatcher> started = new ArrayList<>();

    /** Notes what is launched, and when. */
    private class Launched implements RunLauncher {

        private final List<Claim> claims = new CopyOnWriteArrayList<>();
        private final List<Claim> early = new CopyOnWriteArrayList<>();
        private volatile int places;

        Launched(int places) {
            this.places = places;
        }

        @Override
        public int freeSlots() {
            return places;
        }

        @Override
        public void prepare(List<Claim> prepared) {}

        @Override
        public void launch(Claim claim, @Nullable String parameters) {
            if (System.nanoTime() - clock.nanoTimeAt(claim.scheduledFor()) < 0) {
                early.add(claim);
            }
            claims.add(claim);
        }

        @Override
        public void loseAll(String reason) {}

        @Override
        public void drain(Duration grace) {}
    }

    @BeforeEach
    void keepTheApplicationsDispatcherStill() {
        application.fence(true);
    }

    /**
     * One that an earlier test let join may still be thought to live, and would be left some jobs. Before a test makes its
     * jobs, since their ticks come soon.
     */
    @BeforeEach
    void awaitThatThisNodeIsAlone() {
        await().atMost(PATIENCE)
                .until(() -> Stream.generate(UUID::randomUUID).limit(MANY_JOBS).allMatch(nodes::prefers));
    }

    @AfterEach
    void letItGo() throws InterruptedException {
        for (Dispatcher dispatcher : started) {
            dispatcher.stop();
        }
        jdbi.useHandle(handle -> {
            handle.execute("update job_timer set lease_run = null, lease_node = null, next_tick = null"
                    + " where job_id in (select id from job where name like 'dispatcher-%')");
            handle.execute("update job set archived = true where name like 'dispatcher-%'");
        });
        application.fence(false);
    }

    @Test
    void run_claimed_ahead_starts_at_its_tick_and_not_before() {
        Launched launched = new Launched(10);
        UUID job = job(300, clock.now().plusMillis(700));

        dispatcher(launched, Duration.ofSeconds(5), job);

        await().atMost(PATIENCE).until(() -> isLeased(job));
        await().atMost(PATIENCE).until(() -> !launched.claims.isEmpty());
        assertThat(launched.claims).extracting(Claim::jobId).containsExactly(job);
        assertThat(launched.early).isEmpty();
    }

    @Test
    void run_of_a_new_job_starts_although_no_tick_was_near_before() {
        Launched launched = new Launched(10);
        UUID soon = job(300, clock.now().plusMillis(300));
        UUID late = job(300, clock.now().plusSeconds(200));
        Dispatcher dispatcher = dispatcher(launched, Duration.ofMillis(200), soon, late);
        await().atMost(PATIENCE).until(() -> !launched.claims.isEmpty());

        UUID fresh = job(300, clock.now().plusMillis(500));
        dispatcher.reconcile(List.of(row(fresh)), false);

        await().atMost(PATIENCE).until(() -> launched.claims.size() == 2);
        assertThat(launched.claims).extracting(Claim::jobId).containsExactly(soon, fresh);
        assertThat(launched.early).isEmpty();
    }

    @Test
    void job_archived_after_its_run_was_claimed_ahead_does_not_start_and_leaves_no_trace_of_it() {
        Launched launched = new Launched(10);
        UUID job = job(300, clock.now().plusSeconds(4));
        Dispatcher dispatcher = dispatcher(launched, Duration.ofSeconds(20), job);
        await().atMost(PATIENCE).until(() -> isLeased(job));

        jdbi.useHandle(handle -> handle.execute(
                "update job set archived = true, schedule_changed_at = clock_timestamp() where id = ?", job));
        dispatcher.withdraw(job);

        await().atMost(PATIENCE).until(() -> !isLeased(job));
        assertThat(launched.claims).isEmpty();
        assertThat(count("run", job)).isZero();
        assertThat(leases.claim(nodes.id(), List.of(job), Duration.ofSeconds(5)).won())
                .as("nobody can claim it any more")
                .isEmpty();
    }

    @Test
    void job_that_changed_after_its_run_was_claimed_ahead_runs_at_the_same_tick_as_it_is_now() {
        Launched launched = new Launched(10);
        Instant tick = clock.now().plusSeconds(5);
        UUID job = job(300, tick);
        Dispatcher dispatcher = dispatcher(launched, Duration.ofSeconds(20), job);
        await().atMost(PATIENCE).until(() -> isLeased(job));

        jdbi.useHandle(handle -> handle.execute("update job set revision = 2 where id = ?", job));
        dispatcher.withdraw(job);

        await().atMost(PATIENCE).until(() -> !launched.claims.isEmpty());
        assertThat(launched.claims).hasSize(1);
        assertThat(launched.claims.getFirst().revision()).isEqualTo(2);
        assertThat(launched.claims.getFirst().scheduledFor()).isEqualTo(tick);
        assertThat(count("run", job)).isEqualTo(1);
    }

    @Test
    void change_by_another_node_is_heard_of_and_withdraws_what_was_claimed_ahead() throws InterruptedException {
        Launched launched = new Launched(10);
        UUID job = job(300, clock.now().plusSeconds(20));
        Dispatcher dispatcher = dispatcher(launched, Duration.ofSeconds(200), job);
        JobNotices notices = new JobNotices(database, dispatcher, reconciler);
        notices.start(new StartupEvent());
        try {
            await().atMost(PATIENCE).until(() -> isLeased(job));

            // Again and again, since nobody may listen yet; the beat does not withdraw anything
            await().atMost(PATIENCE).until(() -> {
                jdbi.useHandle(handle -> handle.execute(
                        "update job set archived = true, schedule_changed_at = clock_timestamp() where id = ?", job));
                return !isLeased(job);
            });
            assertThat(launched.claims).isEmpty();
        } finally {
            notices.stop(new ShutdownEvent());
        }
    }

    @Test
    void what_was_claimed_ahead_is_given_back_at_the_end() throws InterruptedException {
        Launched launched = new Launched(10);
        Instant tick = clock.now().plusSeconds(20);
        UUID job = job(300, tick);
        Dispatcher dispatcher = dispatcher(launched, Duration.ofSeconds(200), job);
        await().atMost(PATIENCE).until(() -> isLeased(job));

        dispatcher.stop();

        assertThat(isLeased(job)).isFalse();
        assertThat(nextTick(job)).isEqualTo(tick);
        assertThat(launched.claims).isEmpty();
    }

    @Test
    void run_that_finds_no_place_is_given_back_and_runs_late() {
        Launched launched = new Launched(1);
        UUID job = job(300, clock.now().plusMillis(500));
        dispatcher(launched, Duration.ofSeconds(5), job);
        await().atMost(PATIENCE).until(() -> isLeased(job));
        launched.places = 0;

        await().atMost(PATIENCE).until(() -> !isLeased(job));
        assertThat(launched.claims).isEmpty();

        launched.places = 1;
        await().atMost(PATIENCE).until(() -> !launched.claims.isEmpty());
        assertThat(count("run", job)).isEqualTo(1);
        assertThat(count("tick_gap", job)).isZero();
    }

    @Test
    void error_of_the_launcher_stalls_nobody() {
        AtomicInteger errors = new AtomicInteger();
        Launched launched = new Launched(10) {
            @Override
            public void prepare(List<Claim> prepared) {
                throw new AssertionError("not prepared");
            }

            @Override
            public void launch(Claim claim, @Nullable String parameters) {
                if (errors.incrementAndGet() == 1) {
                    throw new StackOverflowError();
                }
                super.launch(claim, parameters);
            }
        };
        Instant tick = clock.now().plusMillis(500);
        UUID first = job(300, tick);
        UUID second = job(300, tick);

        dispatcher(launched, Duration.ofMillis(200), first, second);

        await().atMost(PATIENCE).until(() -> launched.claims.size() == 2);
        assertThat(launched.claims).extracting(Claim::jobId).containsExactlyInAnyOrder(first, second);
        assertThat(launched.claims).extracting(Claim::scheduledFor).containsOnly(tick);
    }

    @Test
    void tick_whose_row_is_locked_runs_when_the_lock_is_gone() {
        Launched launched = new Launched(1);
        Instant tick = clock.now().plusMillis(500);
        UUID job = job(300, tick);
        jdbi.useTransaction(locking -> {
            locking.execute("select from job_timer where job_id = ? for update", job);
            dispatcher(launched, Duration.ofMillis(200), job);
            // Longer than any other node would have left the tick to this one
            await().atMost(PATIENCE).until(() -> clock.now().isAfter(tick.plusSeconds(1)));
            assertThat(launched.claims).isEmpty();
        });

        await().atMost(PATIENCE).until(() -> !launched.claims.isEmpty());
        assertThat(launched.claims.getFirst().scheduledFor()).isEqualTo(tick);
        assertThat(count("tick_gap", job)).isZero();
    }

    @Test
    void short_intervals_do_not_crowd_out_a_long_one() {
        // Each look finds one place: far fewer than the ticks of thirty jobs a second want
        Launched launched = new Launched(1) {
            private long last = System.nanoTime();

            @Override
            public synchronized int freeSlots() {
                if (System.nanoTime() - last < Duration.ofMillis(100).toNanos()) {
                    return 0;
                }
                last = System.nanoTime();
                return 1;
            }
        };
        List<UUID> jobs = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            jobs.add(job(1, clock.now().minusMillis(900 - i)));
        }
        UUID seldom = job(300, clock.now());
        jobs.add(seldom);
        Dispatcher dispatcher = dispatcher(launched, Duration.ofMillis(200), jobs.toArray(UUID[]::new));
        Set<UUID> ended = new HashSet<>();

        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            for (Claim claim : launched.claims) {
                if (ended.add(claim.runId())) {
                    Completion completion = new Completion(
                            claim, clock.now(), clock.now(), RunOutcome.SUCCEEDED, "null", null, null, false);
                    jdbi.useHandle(handle -> completions.complete(handle, List.of(completion)));
                    dispatcher.on(List.of(ended(completion)));
                }
            }
            return launched.claims.stream().anyMatch(claim -> claim.jobId().equals(seldom));
        });
        assertThat(count("tick_gap", seldom)).isZero();
    }

    @Test
    void two_nodes_share_the_jobs_and_no_tick_runs_twice() {
        Fence fence = new Fence(config(Duration.ofMillis(200)), clock);
        Nodes other = new Nodes(database, clock, config(Duration.ofMillis(200)), fence);
        other.register();
        try {
            UUID[] jobs = new UUID[40];
            for (int i = 0; i < jobs.length; i++) {
                jobs[i] = job(1, clock.now().plusMillis(100 + 20 * i));
            }
            nodes.renew("[]");
            Launched here = new Launched(100);
            Launched there = new Launched(100);
            Dispatcher first = dispatcher(nodes, holdings, here, Duration.ofMillis(200), jobs);
            Dispatcher second = dispatcher(other, new Holdings(fence), there, Duration.ofMillis(200), jobs);
            Set<UUID> ended = new HashSet<>();
            Instant end = clock.now().plusSeconds(4);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
                nodes.renew("[]");
                other.renew("[]");
                end(here, first, ended);
                end(there, second, ended);
                return clock.now().isAfter(end);
            });

            assertThat(here.claims).isNotEmpty();
            assertThat(there.claims).isNotEmpty();
            List<Claim> all = new ArrayList<>(here.claims);
            all.addAll(there.claims);
            assertThat(all.stream().map(claim -> claim.jobId() + "/" + claim.scheduledFor()))
                    .doesNotHaveDuplicates();
        } finally {
            other.leave();
        }
    }

    private void end(Launched launched, Dispatcher own, Set<UUID> ended) {
        for (Claim claim : launched.claims) {
            if (ended.add(claim.runId())) {
                Completion completion = new Completion(
                        claim, clock.now(), clock.now(), RunOutcome.SUCCEEDED, "null", null, null, false);
                jdbi.useHandle(handle -> completions.complete(handle, List.of(completion)));
                own.on(List.of(ended(completion)));
            }
        }
    }

    private Dispatcher dispatcher(Launched launched, Duration ahead, UUID... jobs) {
        return dispatcher(nodes, holdings, launched, ahead, jobs);
    }

    private static RunEvent.Ended ended(Completion completion) {
        Claim claim = completion.claim();
        return new RunEvent.Ended(claim.jobId(), claim.runId(), completion.outcome(), completion.finishedAt());
    }

    private Dispatcher dispatcher(Nodes node, Holdings held, Launched launched, Duration ahead, UUID... jobs) {
        ScheduleConfig config = config(ahead);
        Dispatcher dispatcher = new Dispatcher(
                new Claims(jdbi, database, clock, config, held, RunEvents.to()),
                repository,
                node,
                clock,
                config,
                launched);
        dispatcher.reconcile(Arrays.stream(jobs).map(this::row).toList(), true);
        dispatcher.start();
        started.add(dispatcher);
        return dispatcher;
    }

    private TimerRepository.Row row(UUID job) {
        int interval = jdbi.withHandle(
                handle -> handle.createQuery("select interval_seconds from job_timer where job_id = :job")
                        .bind("job", job)
                        .mapTo(Integer.class)
                        .one());
        Instant tick = nextTick(job);
        return new TimerRepository.Row(new Timer(job, BASIS, tick, interval), tick, false, false);
    }

    private UUID job(int intervalSeconds, Instant nextTick) {
        UUID job = UuidV7.at(clock.now());
        // Together, or a full round of the service makes the timer first
        jdbi.useTransaction(handle -> {
            JobRows.insertJob(handle, job, "dispatcher-" + job, false, intervalSeconds, BASIS);
            JobRows.insertTimer(handle, job, intervalSeconds, BASIS, nextTick);
        });
        return job;
    }

    private boolean isLeased(UUID job) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select lease_run is not null from job_timer where job_id = :job")
                        .bind("job", job)
                        .mapTo(Boolean.class)
                        .one());
    }

    private Instant nextTick(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery("select next_tick from job_timer where job_id = :job")
                .bind("job", job)
                .mapTo(OffsetDateTime.class)
                .one()
                .toInstant());
    }

    private long count(String table, UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) from " + table + " where job_id = :job")
                .bind("job", job)
                .mapTo(Long.class)
                .one());
    }

    private static ScheduleConfig config(Duration ahead) {
        return new ScheduleConfig() {
            @Override
            public Duration heartbeatEvery() {
                return Duration.ofSeconds(1);
            }

            @Override
            public Duration leaseDuration() {
                return Duration.ofSeconds(5);
            }

            @Override
            public Duration fenceAfter() {
                return Duration.ofSeconds(3);
            }

            @Override
            public Duration claimAhead() {
                return ahead;
            }

            @Override
            public Duration affinityGrace() {
                return Duration.ofMillis(250);
            }

            @Override
            public Duration shutdownGrace() {
                return Duration.ofSeconds(10);
            }
        };
    }
}
