package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionPoolConfiguration;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.JobRows;
import io.asyncjobs.testsupport.TestDatabase;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The SQL of claims and completions on real PostgreSQL. The running dispatcher stands still meanwhile. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ClaimsTest {

    private static final Instant NEVER_RECONCILED = Instant.parse("2000-01-01T00:00:00Z");

    record Gap(Instant first, Instant last, long ticks, String reason) {}

    @Inject
    Claims claims;

    @Inject
    Completions completions;

    @Inject
    LostLeases lost;

    @Inject
    Holdings holdings;

    @Inject
    Nodes nodes;

    @Inject
    Dispatcher dispatcher;

    @Inject
    Jdbi jdbi;

    @Inject
    DatabaseClock clock;

    @Inject
    AgroalDataSource database;

    @Inject
    @DataSource("schedule")
    AgroalDataSource schedule;

    @Inject
    ScheduleConfig config;

    private Instant now;

    @BeforeEach
    void keepTheDispatcherFromTheJobsOfTheseTests() {
        dispatcher.fence(true);
        now = clock.now();
    }

    @AfterEach
    void letTheDispatcherGo() {
        dispatcher.fence(false);
    }

    @Test
    void due_job_is_claimed_once_and_moves_to_its_next_tick() {
        UUID job = job(60, now.minusSeconds(1));

        Claim claim = only(claim(nodes.id(), List.of(job)));

        assertThat(claim.scheduledFor()).isEqualTo(now.minusSeconds(1));
        assertThat(claim.epoch()).isEqualTo(1);
        assertThat(nextTick(job)).isEqualTo(now.plusSeconds(59));
        assertThat(claim(nodes.id(), List.of(job))).isEmpty();
        assertThat(gaps(job)).isEmpty();
    }

    @Test
    void job_that_is_not_due_is_not_claimed() {
        UUID job = job(60, now.plusSeconds(5));

        assertThat(claim(nodes.id(), List.of(job))).isEmpty();
        assertThat(nextTick(job)).isEqualTo(now.plusSeconds(5));
    }

    @Test
    void job_whose_schedule_changed_since_its_timer_was_made_is_not_claimed() {
        List<Claim> won;
        boolean made;
        do {
            UUID job = job(60, now.minusSeconds(1));
            jdbi.useHandle(handle -> handle.execute("update job set schedule_changed_at = now() where id = ?", job));
            won = claim(nodes.id(), List.of(job));
            // The application's own reconciler may have been faster
            made = jdbi.withHandle(handle -> handle.createQuery(
                            "select t.basis = j.schedule_changed_at from job_timer t join job j on j.id = t.job_id where j.id = :job")
                    .bind("job", job)
                    .mapTo(Boolean.class)
                    .one());
        } while (made);

        assertThat(won).isEmpty();
    }

    @Test
    void archived_job_is_never_claimed() {
        UUID job = job(60, null);

        assertThat(claim(nodes.id(), List.of(job))).isEmpty();
        jdbi.useHandle(handle -> handle.execute("update job set archived = true where id = ?", job));
        assertThat(claims.claimNow(nodes.id(), job)).isEmpty();
    }

    @Test
    void claim_tells_that_the_account_is_inactive_on_whichever_node() {
        UUID job = job(60, now.minusSeconds(1));
        UUID other = job(60, now.minusSeconds(1));
        UUID account = UuidV7.at(now);
        jdbi.useHandle(handle -> {
            handle.execute("""
                    insert into account (id, username, username_key, display_name, kind, active, created_at, created_by,
                        updated_at, updated_by, version)
                    values (?, ?, ?, 'test', 'PERSON', false, now(), 'test', now(), 'test', 0)
                    """, account, "inactive-" + account, "inactive-" + account);
            handle.execute("update job set associated_account = ? where id = ?", account, job);
        });

        assertThat(claim(node(now.minusSeconds(60), now), List.of(job, other)))
                .extracting(Claim::jobId, Claim::inactiveUser)
                .containsExactlyInAnyOrder(tuple(job, "inactive-" + account), tuple(other, null));
        jdbi.useHandle(handle -> {
            handle.execute("update job_timer set lease_run = null, lease_node = null where job_id = ?", job);
            handle.execute("update account set active = true where id = ?", account);
        });
        assertThat(claims.claimNow(nodes.id(), job).orElseThrow().inactiveUser())
                .isNull();
    }

    @Test
    void missed_ticks_become_one_gap_and_the_latest_runs() {
        UUID job = job(60, now.minusSeconds(181));
        upSince(now.minusSeconds(3600));

        Claim claim = only(claim(nodes.id(), List.of(job)));

        assertThat(claim.scheduledFor()).isEqualTo(now.minusSeconds(1));
        assertThat(gaps(job)).containsExactly(new Gap(now.minusSeconds(181), now.minusSeconds(61), 3, "stalled"));
    }

    @Test
    void ticks_from_before_any_node_was_up_are_down_and_none_of_them_runs() {
        upSince(now.minusSeconds(10));
        UUID job = job(60, now.minusSeconds(630));

        assertThat(claim(nodes.id(), List.of(job))).isEmpty();

        assertThat(gaps(job)).containsExactly(new Gap(now.minusSeconds(630), now.minusSeconds(30), 11, "down"));
        assertThat(nextTick(job)).isEqualTo(now.plusSeconds(30));
    }

    @Test
    void ticks_after_the_last_sign_of_a_node_that_was_killed_are_down_also_before_that_is_noticed() {
        upSince(now.minusSeconds(10));
        UUID killed = silentNode(now.minusSeconds(3600), now.minusSeconds(640));
        UUID job = job(60, now.minusSeconds(630));

        assertThat(claim(nodes.id(), List.of(job))).isEmpty();

        assertThat(gaps(job)).containsExactly(new Gap(now.minusSeconds(630), now.minusSeconds(30), 11, "down"));
        jdbi.useHandle(handle -> handle.execute("delete from node where id = ?", killed));
    }

    @Test
    void gap_that_goes_on_is_extended() {
        upSince(now.minusSeconds(3600));
        UUID job = job(60, now.minusSeconds(630));
        claim(nodes.id(), List.of(job));
        // Nine more ticks pass: as if it were later, everything moves back
        jdbi.useHandle(handle -> {
            handle.execute(
                    "update tick_gap set first_tick = first_tick - interval '540 s',"
                            + " last_tick = last_tick - interval '540 s' where job_id = ?",
                    job);
            handle.execute("update job_timer set next_tick = next_tick - interval '540 s' where job_id = ?", job);
        });

        claim(nodes.id(), List.of(job));

        assertThat(gaps(job)).containsExactly(new Gap(now.minusSeconds(1170), now.minusSeconds(30), 20, "stalled"));
    }

    @Test
    void completion_frees_the_job_and_counts_the_ticks_it_kept_from_running() {
        UUID job = job(60, now.minusSeconds(1));
        Claim claim = only(claim(nodes.id(), List.of(job)));
        Instant tick = claim.scheduledFor();

        Set<UUID> held = complete(claim, tick.plusSeconds(150));

        assertThat(held).containsExactly(claim.runId());
        assertThat(gaps(job)).containsExactly(new Gap(tick.plusSeconds(60), tick.plusSeconds(120), 2, "overlap"));
        assertThat(nextTick(job)).isEqualTo(tick.plusSeconds(180));
        assertThat(outcome(claim)).isEqualTo("succeeded");
    }

    @Test
    void completion_that_names_an_old_epoch_changes_nothing() {
        UUID job = job(60, now.minusSeconds(1));
        Claim old = only(claim(nodes.id(), List.of(job)));
        jdbi.useHandle(handle -> handle.execute(
                "update job_timer set epoch = epoch + 1, lease_run = null, lease_node = null where job_id = ?", job));
        Claim current = claims.claimNow(nodes.id(), job).orElseThrow();

        assertThat(complete(old, now)).isEmpty();

        assertThat(outcome(old)).isNull();
        assertThat(current.epoch()).isEqualTo(3);
        assertThat(complete(current, now)).containsExactly(current.runId());
    }

    @Test
    void claim_given_back_is_as_if_it_had_never_been_won() {
        UUID job = job(60, now.minusSeconds(61));
        upSince(now.minusSeconds(3600));
        Claim first = only(claim(nodes.id(), List.of(job)));
        complete(first, first.scheduledFor());
        jdbi.useHandle(handle ->
                handle.execute("update job_timer set next_tick = next_tick - interval '60 s' where job_id = ?", job));
        Claim claim = only(claim(nodes.id(), List.of(job)));

        assertThat(claims.giveBack(List.of(claim))).isEmpty();

        assertThat(nextTick(job)).isEqualTo(claim.scheduledFor());
        assertThat(runs(job)).containsExactly(first.runId());
        assertThat(lastRun(job)).isEqualTo(first.runId());
        assertThat(complete(claim, now)).as("its epoch is over").isEmpty();
        assertThat(claims.giveBack(List.of(claim))).isEmpty();
        assertThat(only(claim(nodes.id(), List.of(job))).epoch()).isEqualTo(claim.epoch() + 1);
    }

    @Test
    void one_locked_row_holds_back_one_job() throws SQLException {
        UUID locked = job(60, now.minusSeconds(1));
        UUID free = job(60, now.minusSeconds(1));
        try (Connection other = lock("select from job_timer where job_id = '" + locked + "' for update")) {
            assertThat(claim(nodes.id(), List.of(locked, free)))
                    .extracting(Claim::jobId)
                    .containsExactly(free);
            // Still, without having waited for it
            assertThat(claim(nodes.id(), List.of(locked))).isEmpty();
            other.rollback();
        }
        assertThat(only(claim(nodes.id(), List.of(locked))).epoch()).isEqualTo(1);
    }

    @Test
    void claim_whose_row_is_locked_is_given_back_later() throws SQLException {
        UUID locked = job(60, now.minusSeconds(1));
        UUID free = job(60, now.minusSeconds(1));
        List<Claim> won = claim(nodes.id(), List.of(locked, free));
        try (Connection other = lock("select from job_timer where job_id = '" + locked + "' for update")) {
            assertThat(claims.giveBack(won)).extracting(Claim::jobId).containsExactly(locked);
            assertThat(nextTick(free)).isEqualTo(now.minusSeconds(1));
            other.rollback();
        }
        assertThat(claims.giveBack(won)).isEmpty();
        assertThat(nextTick(locked)).isEqualTo(now.minusSeconds(1));
    }

    @Test
    void what_was_won_stays_won_when_a_later_statement_fails() throws SQLException {
        UUID single = job(60, now.minusSeconds(1));
        UUID behind = job(60, now.minusSeconds(121));
        upSince(now.minusSeconds(3600));
        try (Connection other = lock("lock table tick_gap")) {
            // One that did not meet a lock a moment ago
            Claims fresh = new Claims(Jdbi.create(schedule), schedule, clock, config, holdings, RunEvents.to());
            Claims.Answer answer = fresh.claim(nodes.id(), List.of(single, behind), Duration.ofMinutes(10));

            assertThat(answer.won()).extracting(Claim::jobId).containsExactly(single);
            assertThat(answer.open()).containsExactly(behind);
            assertThat(answer.failure()).isNotNull();
            assertThat(holdings.holds(answer.won().getFirst().runId())).isTrue();
            other.rollback();
        }
        assertThat(only(claim(nodes.id(), List.of(behind))).jobId()).isEqualTo(behind);
    }

    @Test
    void job_that_the_database_refuses_keeps_no_other() {
        List<UUID> sound =
                Stream.generate(() -> job(60, now.minusSeconds(1))).limit(9).toList();
        UUID damaged = job(60, now.minusSeconds(1));
        jdbi.useHandle(
                handle -> handle.execute("update job_timer set epoch = 9223372036854775807 where job_id = ?", damaged));
        UUID unusable = job(60, now.minusSeconds(200));
        upSince(now.minusSeconds(3600));
        // The gap of its missed ticks is there already, although the timer says that it is not accounted for
        jdbi.useHandle(handle -> handle.execute("""
                insert into tick_gap (job_id, first_tick, last_tick, ticks, interval_seconds, reason)
                select job_id, next_tick, next_tick, 1, 60, 'paused' from job_timer where job_id = ?
                """, unusable));
        List<UUID> all = new ArrayList<>(sound);
        all.add(4, damaged);
        all.add(7, unusable);

        Claims.Answer answer = claims.claim(nodes.id(), all, Duration.ofMinutes(10));

        assertThat(answer.won()).extracting(Claim::jobId).containsExactlyInAnyOrderElementsOf(sound);
        assertThat(answer.refused().keySet()).containsExactly(unusable);
        assertThat(answer.refused().get(unusable)).startsWith("The database refuses this job's timer: ");
        assertThat(answer.open()).isEmpty();
        jdbi.useHandle(handle -> handle.execute(
                "update job_timer set epoch = 1, next_tick = null where job_id in (?, ?)", damaged, unusable));
    }

    @Test
    void lease_that_this_node_knows_nothing_of_is_ended() {
        UUID job = job(60, now.minusSeconds(1));
        leaseTo(job, nodes.id(), now.minusSeconds(1));

        lost.end();
        assertThat(isLeased(job)).isFalse();

        assertThat(startedAt(job)).as("it was never launched").isNull();
        assertThat(claims.claimNow(nodes.id(), job).orElseThrow().epoch()).isEqualTo(3);
    }

    @Test
    void lease_of_a_run_in_hand_stays() {
        UUID job = job(60, now.minusSeconds(1));
        Claim claim = only(claim(nodes.id(), List.of(job)));

        lost.end();
        assertThat(isLeased(job)).isTrue();

        assertThat(complete(claim, now)).containsExactly(claim.runId());
    }

    @Test
    void lease_of_a_node_that_stopped_is_ended() {
        UUID job = job(60, now.minusSeconds(1));
        UUID stopped = node(now.minusSeconds(60), now);
        leaseTo(job, stopped, now.minusSeconds(1));
        jdbi.useHandle(handle ->
                handle.execute("update node set ended_at = now(), end_reason = 'stopped' where id = ?", stopped));

        lost.end();
        assertThat(isLeased(job)).isFalse();
    }

    @Test
    void lease_of_a_dead_node_whose_own_row_is_locked_is_ended() throws SQLException {
        UUID job = job(60, now.minusSeconds(8));
        UUID dead = node(now.minusSeconds(60), now.minusSeconds(8));
        leaseTo(job, dead, now.minusSeconds(8));
        try (Connection other = lock("select from node where id = '" + dead + "' for update")) {
            lost.end();
            assertThat(isLeased(job)).isFalse();
            other.rollback();
        }
    }

    @Test
    void locked_lease_of_a_dead_node_keeps_no_other() throws SQLException {
        UUID locked = job(60, now.minusSeconds(8));
        UUID free = job(60, now.minusSeconds(8));
        UUID dying = node(now.minusSeconds(60), now);
        leaseTo(locked, dying, now.minusSeconds(8));
        leaseTo(free, dying, now.minusSeconds(8));
        try (Connection other = lock("select from job_timer where job_id = '" + locked + "' for update")) {
            // Not before: this application looks for the claims of dead nodes too
            jdbi.useHandle(handle -> handle.execute(
                    "update node set heartbeat_at = clock_timestamp() - interval '8 s' where id = ?", dying));
            lost.end();
            assertThat(isLeased(free)).isFalse();
            assertThat(isLeased(locked)).isTrue();
            other.rollback();
        }
        lost.end();
        assertThat(isLeased(locked)).isFalse();
    }

    @Test
    void node_that_others_take_for_dead_wins_nothing() {
        UUID job = job(60, now.minusSeconds(1));

        assertThat(claim(node(now.minusSeconds(60), now.minusSeconds(6)), List.of(job)))
                .isEmpty();
    }

    private boolean isLeased(UUID job) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select lease_run is not null from job_timer where job_id = :job")
                        .bind("job", job)
                        .mapTo(Boolean.class)
                        .one());
    }

    /** Somebody else's transaction, which has done that. */
    private Connection lock(String statement) throws SQLException {
        Connection other = TestDatabase.ofThisJvm().connect();
        other.setAutoCommit(false);
        try (Statement locking = other.createStatement()) {
            locking.execute(statement);
        }
        return other;
    }

    @Test
    void heartbeat_claim_and_end_go_on_while_all_other_connections_are_taken() throws SQLException {
        UUID job = job(60, now.minusSeconds(1));
        AgroalConnectionPoolConfiguration pool = database.getConfiguration().connectionPoolConfiguration();
        int size = pool.maxSize();
        Duration patience = pool.acquisitionTimeout();
        List<Connection> taken = new ArrayList<>();
        pool.setMaxSize(10);
        pool.setAcquisitionTimeout(Duration.ofMillis(100));
        try {
            assertThatThrownBy(() -> {
                        while (true) {
                            taken.add(database.getConnection());
                        }
                    })
                    .isInstanceOf(SQLException.class)
                    .message()
                    .containsIgnoringCase("acquisition timeout");

            assertThat(nodes.renew("[]").renewed()).isTrue();
            Claim claim = only(claim(nodes.id(), List.of(job)));
            assertThat(completions.complete(List.of(completion(claim, now)))).containsExactly(claim.runId());
        } finally {
            pool.setMaxSize(size);
            pool.setAcquisitionTimeout(patience);
            for (Connection connection : taken) {
                connection.close();
            }
        }
    }

    @Test
    void claim_given_back_leaves_a_grid_that_has_changed_meanwhile_alone() {
        UUID regridded = job(60, now.minusSeconds(1));
        UUID archived = job(60, now.minusSeconds(1));
        List<Claim> won = claim(nodes.id(), List.of(regridded, archived));
        jdbi.useHandle(handle -> {
            handle.createUpdate("update job_timer set interval_seconds = 5, next_tick = :next where job_id = :job")
                    .bind("next", now.plusSeconds(3).atOffset(ZoneOffset.UTC))
                    .bind("job", regridded)
                    .execute();
            handle.execute("update job_timer set next_tick = null where job_id = ?", archived);
        });

        assertThat(claims.giveBack(won)).isEmpty();

        assertThat(nextTick(regridded)).isEqualTo(now.plusSeconds(3));
        assertThat(runs(regridded)).isEmpty();
        assertThat(runs(archived)).isEmpty();
    }

    @Test
    void tick_of_the_grid_before_a_change_runs_alone() {
        UUID job = job(60, now.minusSeconds(29));
        upSince(now.minusSeconds(600));
        jdbi.useTransaction(handle -> {
            handle.execute(
                    "update job set poll_interval_seconds = 7, schedule_changed_at = ? where id = ?",
                    now.atOffset(ZoneOffset.UTC),
                    job);
            TimerRepository.match(handle, job);
        });

        Claim claim = only(claim(nodes.id(), List.of(job), Duration.ofHours(1)));

        assertThat(claim.scheduledFor()).isEqualTo(now.minusSeconds(29));
        assertThat(nextTick(job)).as("the first after the change").isEqualTo(now.plusSeconds(6));
        assertThat(gaps(job)).isEmpty();
    }

    @Test
    void latest_tick_runs_however_late_where_the_horizon_allows() {
        upSince(now.minusSeconds(3600));
        UUID job = job(300, now.minusSeconds(200));
        UUID given = job(300, now.minusSeconds(200));

        assertThat(only(claim(nodes.id(), List.of(job), Duration.ofMinutes(10))).scheduledFor())
                .isEqualTo(now.minusSeconds(200));
        assertThat(claim(nodes.id(), List.of(given))).isEmpty();
        assertThat(gaps(given)).containsExactly(new Gap(now.minusSeconds(200), now.minusSeconds(200), 1, "stalled"));
    }

    @Test
    void what_a_dead_node_had_claimed_ahead_counts_as_never_started() {
        UUID dead = node(now.minusSeconds(60), now);
        UUID started = job(60, now.plusSeconds(50));
        UUID ahead = job(60, now.plusSeconds(52));
        leaseTo(started, dead, now.minusSeconds(10));
        leaseTo(ahead, dead, now.minusMillis(7_900));

        takeOver(dead, now.minusSeconds(8));

        assertThat(startedAt(started)).isEqualTo(now.minusSeconds(10));
        assertThat(startedAt(ahead)).isNull();
    }

    @Test
    void running_job_is_not_started_by_hand() {
        UUID job = job(60, now.minusSeconds(1));
        claim(nodes.id(), List.of(job));

        assertThat(claims.claimNow(nodes.id(), job)).isEmpty();
    }

    @Test
    void runs_of_a_dead_node_are_lost_and_its_time_is_accounted_for() {
        UUID dead = node(now.minusSeconds(60), now);
        UUID job = job(1, now.minusMillis(9_500));
        leaseTo(job, dead, now.minusMillis(10_500));

        takeOver(dead, now.minusSeconds(8));

        List<Gap> gaps = gaps(job);
        assertThat(gaps.getFirst()).isEqualTo(new Gap(now.minusMillis(9_500), now.minusMillis(8_500), 2, "overlap"));
        assertThat(gaps.getLast().reason()).isEqualTo("down");
        assertThat(gaps.getLast().first()).isEqualTo(now.minusMillis(7_500));
        assertThat(nextTick(job))
                .isEqualTo(gaps.getLast().last().plusSeconds(1))
                .isAfter(now.minusSeconds(1));
        String lost = jdbi.withHandle(handle -> handle.createQuery("select outcome from run where job_id = :job")
                .bind("job", job)
                .mapTo(String.class)
                .one());
        assertThat(lost).isEqualTo("lost");
        assertThat(failing(job)).as("a lost run is a failure").isEqualTo(1);
        assertThat(claims.claimNow(nodes.id(), job).orElseThrow().epoch())
                .as("epochs grow by takeover and claim")
                .isEqualTo(3);
    }

    @Test
    void lease_whose_ticks_cannot_be_accounted_for_is_ended_and_the_job_set_aside() {
        UUID dead = node(now.minusSeconds(600), now);
        UUID job = job(60, now.minusSeconds(200));
        leaseTo(job, dead, now.minusSeconds(260));
        // The gap that the end would make is there already
        jdbi.useHandle(handle -> handle.execute("""
                insert into tick_gap (job_id, first_tick, last_tick, ticks, interval_seconds, reason)
                select job_id, next_tick, next_tick, 1, 60, 'paused' from job_timer where job_id = ?
                """, job));

        takeOver(dead, now.minusSeconds(8));

        assertThat(isLeased(job)).isFalse();
        assertThat(startedAt(job)).isEqualTo(now.minusSeconds(260));
        String ended = jdbi.withHandle(handle ->
                handle.createQuery("""
                        select r.outcome || ', ' || t.blocked
                        from run r join job_timer t on t.job_id = r.job_id
                        where r.job_id = :job and r.finished_at is not null
                        """).bind("job", job).mapTo(String.class).one());
        assertThat(ended).startsWith("lost, The database refuses this job's timer: ");
        assertThat(failing(job)).isEqualTo(1);
        jdbi.useHandle(handle -> handle.execute("update job_timer set next_tick = null where job_id = ?", job));
    }

    @Test
    void node_that_beats_keeps_its_leases() {
        UUID alive = node(now.minusSeconds(60), now.minusSeconds(2));
        UUID job = job(60, now.minusSeconds(1));
        leaseTo(job, alive, now.minusSeconds(61));

        lost.end();

        assertThat(claim(nodes.id(), List.of(job))).isEmpty();
        jdbi.useHandle(handle ->
                handle.execute("update node set ended_at = now(), end_reason = 'stopped' where id = ?", alive));
    }

    @Test
    void many_claimants_at_once_share_the_jobs_and_none_is_claimed_twice() throws Exception {
        List<UUID> jobs = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            jobs.add(job(60, now.minusMillis(i)));
        }
        List<Claim> won = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService claimants = Executors.newFixedThreadPool(8)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                tasks.add(() -> {
                    for (int from = 0; from < jobs.size(); from += 20) {
                        won.addAll(claim(nodes.id(), jobs.subList(from, from + 20)));
                    }
                    return null;
                });
            }
            for (Future<Void> task : claimants.invokeAll(tasks)) {
                task.get();
            }
        }
        // What another one had locked for a moment is left to a later attempt; so is all while the heartbeat is late
        await().until(() -> {
            won.addAll(claim(nodes.id(), jobs));
            return won.size() >= jobs.size();
        });

        assertThat(won).extracting(Claim::jobId).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(jobs);
    }

    /** A job whose timer matches it, with that next tick. */
    private UUID job(int intervalSeconds, @Nullable Instant nextTick) {
        return job(UuidV7.at(clock.now()), intervalSeconds, nextTick);
    }

    private UUID job(UUID job, int intervalSeconds, @Nullable Instant nextTick) {
        // Together, or a full round of the service makes the timer first
        jdbi.useTransaction(handle -> {
            JobRows.insertJob(handle, job, "claims-" + job, false, intervalSeconds, NEVER_RECONCILED);
            JobRows.insertTimer(handle, job, intervalSeconds, NEVER_RECONCILED, nextTick);
        });
        return job;
    }

    private UUID node(Instant started, Instant heartbeat) {
        UUID node = UuidV7.at(started);
        jdbi.useHandle(handle -> handle.createUpdate(
                        "insert into node (id, name, started_at, heartbeat_at) values (:id, 'test', :started, :heartbeat)")
                .bind("id", node)
                .bind("started", started.atOffset(ZoneOffset.UTC))
                .bind("heartbeat", heartbeat.atOffset(ZoneOffset.UTC))
                .execute());
        return node;
    }

    /** As the service itself does each second: whoever of the two comes first. */
    private void takeOver(UUID node, Instant lastHeartbeat) {
        jdbi.useHandle(handle -> handle.execute(
                "update node set heartbeat_at = ? where id = ?", lastHeartbeat.atOffset(ZoneOffset.UTC), node));
        lost.end();
    }

    /** How many runs have failed since one succeeded, of a job whose first failed run is the only one on record. */
    private long failing(UUID job) {
        return jdbi.withHandle(handle ->
                handle.createQuery("""
                        select t.failed_runs
                        from job_timer t join run r on r.id = t.failing_run and r.finished_at = t.failing_since
                        where t.job_id = :job and t.last_success_at is null
                        """).bind("job", job).mapTo(Long.class).one());
    }

    private void leaseTo(UUID job, UUID node, Instant tick) {
        UUID run = UuidV7.at(tick);
        jdbi.useHandle(handle -> {
            handle.execute(
                    "update job_timer set epoch = 1, lease_run = ?, lease_node = ? where job_id = ?", run, node, job);
            handle.execute("""
                    insert into run (id, job_id, revision, trigger, scheduled_for, started_at, node_id, epoch)
                    values (?, ?, 1, 'timer', ?, ?, ?, 1)
                    """, run, job, tick.atOffset(ZoneOffset.UTC), tick.atOffset(ZoneOffset.UTC), node);
        });
    }

    /** The only node that lives is this one; it did so since then. */
    private void upSince(Instant since) {
        jdbi.useHandle(handle -> handle.execute(
                "update node set started_at = ? where id = ?", since.atOffset(ZoneOffset.UTC), nodes.id()));
    }

    private UUID silentNode(Instant started, Instant lastHeartbeat) {
        UUID id = UUID.randomUUID();
        jdbi.useHandle(handle -> handle.execute(
                "insert into node (id, name, started_at, heartbeat_at) values (?, 'silent', ?, ?)",
                id,
                started.atOffset(ZoneOffset.UTC),
                lastHeartbeat.atOffset(ZoneOffset.UTC)));
        return id;
    }

    private Set<UUID> complete(Claim claim, Instant finished) {
        return jdbi.inTransaction(handle -> completions
                .complete(handle, List.of(completion(claim, finished)))
                .held());
    }

    private static Completion completion(Claim claim, Instant finished) {
        return new Completion(claim, claim.scheduledFor(), finished, RunOutcome.SUCCEEDED, "null", null, null, false);
    }

    private List<UUID> runs(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery("select id from run where job_id = :job order by id")
                .bind("job", job)
                .mapTo(UUID.class)
                .list());
    }

    private UUID lastRun(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery("select last_run from job_timer where job_id = :job")
                .bind("job", job)
                .mapTo(UUID.class)
                .one());
    }

    private @Nullable Instant startedAt(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery("select started_at from run where job_id = :job")
                        .bind("job", job)
                        .map((row, context) -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant))
                        .one())
                .orElse(null);
    }

    private Instant nextTick(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery("select next_tick from job_timer where job_id = :job")
                .bind("job", job)
                .map((row, context) -> row.getObject(1, OffsetDateTime.class).toInstant())
                .one());
    }

    private @Nullable String outcome(Claim claim) {
        Optional<Optional<String>> outcome =
                jdbi.withHandle(handle -> handle.createQuery("select outcome from run where id = :run")
                        .bind("run", claim.runId())
                        .map((row, context) -> Optional.ofNullable(row.getString(1)))
                        .findOne());
        return outcome.orElseThrow().orElse(null);
    }

    private List<Gap> gaps(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select first_tick, last_tick, ticks, reason from tick_gap where job_id = :job order by first_tick")
                .bind("job", job)
                .map((row, context) -> new Gap(
                        row.getObject(1, OffsetDateTime.class).toInstant(),
                        row.getObject(2, OffsetDateTime.class).toInstant(),
                        row.getLong(3),
                        row.getString(4)))
                .list());
    }

    private List<Claim> claim(UUID node, List<UUID> jobs) {
        return claim(node, jobs, Duration.ofSeconds(5));
    }

    private List<Claim> claim(UUID node, List<UUID> jobs, Duration horizon) {
        Claims.Answer answer = claims.claim(node, jobs, horizon);
        assertThat(answer.failure()).isNull();
        assertThat(answer.refused()).isEmpty();
        return answer.won();
    }

    private static Claim only(List<Claim> won) {
        assertThat(won).hasSize(1);
        return won.getFirst();
    }
}
