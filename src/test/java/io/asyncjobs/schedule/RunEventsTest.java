package io.asyncjobs.schedule;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.JobRows;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What listeners are told, by the application's own beans on real PostgreSQL. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class RunEventsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration HORIZON = Duration.ofDays(1);
    private static final Instant BASIS = Instant.parse("2000-01-01T00:00:00Z");

    @Inject
    Claims claims;

    @Inject
    Completions completions;

    @Inject
    LostLeases lost;

    @Inject
    TimerRepository timers;

    @Inject
    Nodes nodes;

    @Inject
    Dispatcher dispatcher;

    @Inject
    ToldEvents events;

    @Inject
    Jdbi jdbi;

    @Inject
    DatabaseClock clock;

    private Instant now;

    @BeforeEach
    void keepTheDispatcherStill() {
        dispatcher.fence(true);
        now = clock.now();
    }

    @AfterEach
    void letTheDispatcherGo() {
        dispatcher.fence(false);
    }

    @Test
    void life_of_a_run_is_told_in_its_order() {
        UUID job = UUID.fromString(idleJob("return 1").getString("id"));
        List<RunEvent> told = events.of(job);

        api().post("/jobs/{job}/runs", job).then().statusCode(202);

        await().atMost(PATIENCE).until(() -> told.size() == 4);
        assertThat(told)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Claimed", "Started", "SlotFreed", "Ended");
        assertThat(((RunEvent.Ended) told.getLast()).outcome()).isEqualTo(RunOutcome.SUCCEEDED);
    }

    @Test
    void ticks_that_a_run_kept_from_running_are_told_with_its_end() {
        UUID job = job(1, now);
        List<RunEvent> told = events.of(job);
        Claim claim = claim(job);

        completions.complete(List.of(completion(claim, now.plusMillis(3500))));

        assertThat(told)
                .containsExactly(
                        new RunEvent.Claimed(claim),
                        new RunEvent.Gap(job, now.plusSeconds(1), 3, 1, "overlap"),
                        new RunEvent.Ended(job, claim.runId(), RunOutcome.SUCCEEDED, now.plusMillis(3500)));
    }

    @Test
    void end_without_a_missed_tick_is_told_alone() {
        UUID job = job(60, now);
        Claim claim = claim(job);
        List<RunEvent> told = events.of(job);

        completions.complete(List.of(completion(claim, now.plusSeconds(1))));

        assertThat(told)
                .containsExactly(new RunEvent.Ended(job, claim.runId(), RunOutcome.SUCCEEDED, now.plusSeconds(1)));
    }

    @Test
    void end_of_a_run_whose_lease_is_gone_is_not_told_as_its_outcome() {
        UUID job = job(60, now);
        Claim claim = claim(job);
        jdbi.useHandle(handle -> handle.execute(
                "update job_timer set lease_run = null, lease_node = null, epoch = epoch + 1 where job_id = ?", job));
        List<RunEvent> told = events.of(job);

        completions.complete(List.of(completion(claim, now.plusSeconds(1))));

        assertThat(told).containsExactly(new RunEvent.LeaseGone(claim, now.plusSeconds(1)));
    }

    @Test
    void ticks_that_are_missed_before_a_claim_are_told_with_it() {
        jdbi.useHandle(handle -> handle.execute(
                "update node set started_at = ? where id = ?",
                now.minusSeconds(9_000).atOffset(ZoneOffset.UTC),
                nodes.id()));
        UUID job = job(60, now.minusSeconds(150));
        List<RunEvent> told = events.of(job);

        Claim claim = claim(job);

        assertThat(claim.scheduledFor()).isEqualTo(now.minusSeconds(30));
        assertThat(told)
                .containsExactlyInAnyOrder(
                        new RunEvent.Claimed(claim), new RunEvent.Gap(job, now.minusSeconds(150), 2, 60, "stalled"));
    }

    @Test
    void claim_that_is_given_back_is_told() {
        UUID job = job(60, now);
        Claim claim = claim(job);
        List<RunEvent> told = events.of(job);

        claims.giveBack(List.of(claim));

        assertThat(told).containsExactly(new RunEvent.GivenBack(claim));
    }

    @Test
    void lost_run_is_told_once_however_many_gaps_it_leaves() {
        Instant died = now.minusSeconds(100);
        UUID dead = UuidV7.at(died);
        UUID job = job(10, now.minusSeconds(145));
        UUID run = UuidV7.at(died);
        jdbi.useHandle(handle -> {
            handle.execute(
                    "insert into node (id, name, started_at, heartbeat_at) values (?, 'dead', ?, ?)",
                    dead,
                    died.minusSeconds(1_000).atOffset(ZoneOffset.UTC),
                    died.atOffset(ZoneOffset.UTC));
            handle.execute(
                    "update job_timer set epoch = 1, lease_run = ?, lease_node = ? where job_id = ?", run, dead, job);
            handle.execute("""
                    insert into run (id, job_id, revision, trigger, scheduled_for, started_at, node_id, epoch)
                    values (?, ?, 1, 'timer', ?, ?, ?, 1)
                    """, run, job, died.atOffset(ZoneOffset.UTC), died.atOffset(ZoneOffset.UTC), dead);
        });
        List<RunEvent> told = events.of(job);

        lost.end();

        assertThat(told).hasSize(3);
        assertThat(told.getFirst()).isInstanceOfSatisfying(RunEvent.Ended.class, ended -> {
            assertThat(ended.runId()).isEqualTo(run);
            assertThat(ended.outcome()).isEqualTo(RunOutcome.LOST);
        });
        assertThat(told.subList(1, 3))
                .extracting(gap -> ((RunEvent.Gap) gap).reason())
                .containsExactlyInAnyOrder("overlap", "down");
    }

    @Test
    void ticks_that_a_change_of_the_job_settles_are_told() {
        UUID job = job(60, now.minusSeconds(150));
        List<RunEvent> told = events.of(job);
        jdbi.useHandle(handle -> handle.execute(
                "update job set archived = true, schedule_changed_at = clock_timestamp() where id = ?", job));

        timers.match(job);

        // The reconciler may have been first, and then tells it
        await().atMost(PATIENCE).until(() -> !told.isEmpty());
        assertThat(told).containsExactly(new RunEvent.Gap(job, now.minusSeconds(150), 3, 60, "stalled"));
    }

    @Test
    void listener_that_fails_keeps_no_other() {
        List<RunEvent> told = new ArrayList<>();
        RunEvents failing = RunEvents.to(
                unused -> {
                    throw new StackOverflowError();
                },
                told::addAll);
        RunEvent event = new RunEvent.Gap(UUID.randomUUID(), now, 1, 1, "down");

        failing.tell(event);

        assertThat(told).containsExactly(event);
    }

    private Claim claim(UUID job) {
        List<Claim> won = claims.claim(nodes.id(), List.of(job), HORIZON).won();
        assertThat(won).hasSize(1);
        return won.getFirst();
    }

    private static Completion completion(Claim claim, Instant finished) {
        return new Completion(claim, claim.scheduledFor(), finished, RunOutcome.SUCCEEDED, "null", null, null, false);
    }

    private UUID job(int intervalSeconds, Instant nextTick) {
        UUID job = UuidV7.at(clock.now());
        jdbi.useTransaction(handle -> {
            JobRows.insertJob(handle, job, "events-" + job, false, intervalSeconds, BASIS);
            JobRows.insertTimer(handle, job, intervalSeconds, BASIS, nextTick);
        });
        return job;
    }
}
