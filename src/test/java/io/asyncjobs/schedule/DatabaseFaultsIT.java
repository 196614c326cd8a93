package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A service whose database is locked, cut off, frozen and killed, beside twenty jobs of a second. Whatever it was, all of them
 * go on soon afterwards by themselves, and no lease stays without a run.
 */
@TestInstance(Lifecycle.PER_CLASS)
class DatabaseFaultsIT {

    private static final int JOBS = 20;

    /** The bounds that are promised are 3 to 5 s; the rest is for a machine that has other things to do. */
    private static final Duration BOUND = Duration.ofSeconds(15);

    @TempDir
    static Path folder;

    private ServiceProcess service;
    private final List<UUID> jobs = new ArrayList<>();

    @BeforeAll
    void start() throws IOException, InterruptedException {
        service = ServiceProcess.startIn(folder.resolve("data"));
        for (int i = 0; i < JOBS; i++) {
            jobs.add(UUID.fromString(
                    api().body(Map.of("name", "neighbour-" + i, "pollIntervalSeconds", 1, "script", "return 1"))
                            .post("/jobs")
                            .then()
                            .statusCode(201)
                            .extract()
                            .path("id")));
        }
        // One that needs a gap with each of its runs
        api().body(Map.of("name", "long", "pollIntervalSeconds", 1, "script", "await sleep(1500)"))
                .post("/jobs")
                .then()
                .statusCode(201);
        awaitAll("after the start");
    }

    @AfterAll
    void stop() throws IOException {
        service.close();
    }

    @AfterEach
    void everyJobRunsAndNoLeaseIsLeft() {
        awaitAll("after the fault");
        await("ready again").atMost(BOUND).until(service::isReady);
        await("no lease without a run").atMost(BOUND).untilAsserted(() -> assertThat(query("""
                        select j.name from job_timer t join job j on j.id = t.job_id
                        where t.lease_run is not null and uuid_extract_timestamp(t.lease_run) < clock_timestamp() - interval '5 s'
                        """))
                .isEmpty());
    }

    @Test
    void connections_are_cut_again_and_again() throws Exception {
        Random random = new Random(18);
        for (int i = 0; i < 15; i++) {
            execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where usename = current_user and pid <> pg_backend_pid()");
            TimeUnit.MILLISECONDS.sleep(random.nextInt(1_000));
        }
    }

    @Test
    void row_that_somebody_has_locked_holds_back_one_job() throws Exception {
        UUID locked = jobs.getFirst();
        try (Connection other = service.connect()) {
            other.setAutoCommit(false);
            execute(other, "select from job_timer where job_id = '" + locked + "' for update");
            for (int i = 0; i < 3; i++) {
                awaitRuns("while one is locked", jobs.subList(1, JOBS));
                assertThat(service.get("/q/health/ready").statusCode()).isEqualTo(200);
            }
            other.rollback();
        }
    }

    @Test
    void claims_that_wait_for_a_locked_table_are_terminated() throws Exception {
        try (Connection other = service.connect()) {
            other.setAutoCommit(false);
            execute(other, "lock table tick_gap");
            for (int i = 0; i < 3; i++) {
                await("somebody waits")
                        .atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> !query("select pg_terminate_backend(pid)::text from pg_stat_activity"
                                        + " where wait_event_type = 'Lock' and usename = current_user")
                                .isEmpty());
            }
            other.rollback();
        }
    }

    @Test
    void timer_that_is_damaged_is_set_aside_and_taken_back_when_it_is_sound_again() throws Exception {
        UUID damaged = jobs.getLast();
        execute("update job_timer set interval_seconds = 0 where job_id = '" + damaged + "'");

        await().atMost(BOUND)
                .untilAsserted(() -> assertThat(query("select blocked from job_timer where job_id = '" + damaged + "'"))
                        .containsExactly("The timer's interval is 0 s; it must be from 1 to 300 s."));
        awaitRuns("beside the damaged one", jobs.subList(0, JOBS - 1));
        assertThat(service.log().lines().filter(line -> line.contains(damaged + " is blocked")))
                .hasSize(1);

        execute("update job_timer set interval_seconds = 1 where job_id = '" + damaged + "'");
    }

    /** Each by what it was last asked: for the heartbeat, for claims, for ends. */
    @ParameterizedTest
    @ValueSource(strings = {"%update node set heartbeat_at%", "%up_since%", "%failing_since = case h.outcome%"})
    void backend_that_does_not_answer_is_left(String query) throws Exception {
        // A connection that is new has not been asked yet
        List<String> pids = await("somebody asks that")
                .atMost(BOUND)
                .until(
                        () -> query("select pid::text from pg_stat_activity"
                                + " where pid <> pg_backend_pid() and query like '" + query + "'"),
                        found -> !found.isEmpty());
        signal("STOP", pids);
        try {
            awaitAll("while a backend stands still");
        } finally {
            signal("CONT", pids);
        }
    }

    @Test
    void postgresql_is_killed() throws Exception {
        ProcessHandle postmaster = service.postmaster().orElseThrow();
        postmaster.destroyForcibly();
        postmaster.onExit().join();
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> !query("select 'back'")
                .isEmpty());
    }

    @Test
    void stop_does_not_wait_for_a_lock() throws Exception {
        try (ServiceProcess own = ServiceProcess.startIn(folder.resolve("own"));
                Connection other = own.connect()) {
            other.setAutoCommit(false);
            execute(other, "lock table job_timer");
            long asked = System.nanoTime();
            own.terminate();
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(30));
        }
    }

    private void awaitAll(String when) {
        awaitRuns(when, jobs);
    }

    /** Each of these jobs has a run that started after now and succeeded. */
    private void awaitRuns(String when, List<UUID> expected) {
        OffsetDateTime[] since = new OffsetDateTime[1];
        await(when).atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
            since[0] = OffsetDateTime.parse(
                    query("select to_char(clock_timestamp(), 'YYYY-MM-DD\"T\"HH24:MI:SS.USOF\":00\"')")
                            .getFirst());
            return true;
        });
        await(when).atMost(BOUND).ignoreExceptions().untilAsserted(() -> {
            List<UUID> ran = new ArrayList<>();
            try (Connection connection = service.connect();
                    PreparedStatement select = connection.prepareStatement("""
                            select distinct job_id from run where started_at > ? and outcome = 'succeeded'
                            """)) {
                select.setObject(1, since[0]);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        ran.add(rows.getObject(1, UUID.class));
                    }
                }
            }
            assertThat(ran).containsAll(expected);
        });
    }

    private static void signal(String signal, List<String> pids) throws IOException, InterruptedException {
        for (String pid : pids) {
            assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor())
                    .isZero();
        }
    }

    private RequestSpecification api() throws IOException, InterruptedException {
        return service.api(ServiceProcess.token(service.data(), "alice", "superadmin"));
    }

    private void execute(String statement) throws IOException, SQLException {
        try (Connection connection = service.connect()) {
            execute(connection, statement);
        }
    }

    private static void execute(Connection connection, String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private List<String> query(String text) throws IOException, SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(text)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }
}
