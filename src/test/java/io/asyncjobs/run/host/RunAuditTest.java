package io.asyncjobs.run.host;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.sun.net.httpserver.HttpServer;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ForeignDatabase;
import io.asyncjobs.testsupport.TestDatabase;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What runs, and people who deal with runs, leave on the audit trail. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class RunAuditTest {

    private static final int RARELY = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void many_events_of_one_run_are_written_in_pieces_so_that_other_ends_go_past_them() throws Exception {
        int events = 3_000;
        try (Connection connection = TestDatabase.ofThisJvm().connect();
                Statement sql = connection.createStatement()) {
            sql.execute("create table piece_of_audit (xid xid8, run_id uuid)");
            sql.execute("""
                    create function note_piece_of_audit() returns trigger language plpgsql as $$
                    begin
                        insert into piece_of_audit values (pg_current_xact_id(), new.run_id);
                        return null;
                    end $$
                    """);
            sql.execute("grant trigger on audit_waiting to current_user");
            sql.execute(
                    "create trigger piece_of_audit after insert on audit_waiting for each row when (new.via = 'script')"
                            + " execute function note_piece_of_audit()");
            try {
                String job = createJob(RARELY, """
                        for (let i = 0; i < %d; i++) {
                            await audit.record({ action: 'count', entityType: 'number', entityId: i });
                        }
                        """.formatted(events)).getString("id");

                Map<String, Object> run = runNow(job);

                assertThat(run).containsEntry("outcome", "succeeded");
                try (ResultSet row = sql.executeQuery(
                        "select count(*), count(distinct xid), max(n) from (select xid, count(*) over (partition by xid) n"
                                + " from piece_of_audit where run_id = '" + run.get("id") + "') as piece")) {
                    row.next();
                    assertThat(row.getInt(1)).isEqualTo(events);
                    assertThat(row.getInt(2)).as("transactions").isGreaterThanOrEqualTo(events / 250);
                    assertThat(row.getInt(3)).as("events in one of them").isLessThanOrEqualTo(250);
                }
                JsonPath page = api().queryParam("sort", "seq")
                        .queryParam("size", 500)
                        .queryParam("page", 5)
                        .get("/jobs/{job}/audit".replace("{job}", job))
                        .jsonPath();
                assertThat(page.getList("items.findAll { it.action == 'count' }.entityId", Integer.class))
                        .isSorted()
                        .hasSize(500);
            } finally {
                sql.execute("drop trigger piece_of_audit on audit_waiting");
                sql.execute("revoke trigger on audit_waiting from current_user");
                sql.execute("drop function note_piece_of_audit");
                sql.execute("drop table piece_of_audit");
            }
        }
    }

    @Test
    void what_a_script_did_is_told_of_as_its_user_even_when_it_failed_afterwards() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        try {
            String http = unique("clinical-api");
            api().body(Map.of(
                            "http",
                            Map.of(
                                    "baseUrl",
                                    "http://127.0.0.1:" + server.getAddress().getPort()),
                            "reason",
                            "needed by a test"))
                    .put("/connections/{name}", http)
                    .then()
                    .statusCode(201);
            String user = unique("edc-sync");
            api().body(Map.of("username", user, "kind", "system"))
                    .post("/accounts")
                    .then()
                    .statusCode(201);
            String script = """
                    await http.get(params.http, '/');
                    await http.post(params.http, '/queries/7/close', { reason: 'stale' });
                    await audit.record({ action: 'close', entityType: 'query', entityId: 7, entityName: 'Q\\ufffd',
                        before: { status: 'open' }, after: { status: 'closed' }, reason: 'stale' });
                    await state.set('seen', 7);
                    throw new Error('after the deed');
                    """;
            String job = createJob(RARELY, script, Map.of("parameters", Map.of("http", http), "associatedUser", user))
                    .getString("id");
            api().body(Map.of("job", job)).post("/trials").then().statusCode(200);

            Map<String, Object> run = runNow(job);

            assertThat(run).containsEntry("outcome", "failed");
            JsonPath trail = trail(job);
            List<Map<String, Object>> done =
                    trail.getList("items.findAll { it.via == 'script' && it.runId == '%s' }".formatted(run.get("id")));
            assertThat(done).extracting(event -> event.get("action")).containsExactly("http.post", "close");
            assertThat(done).extracting(event -> event.get("actor")).containsOnly(user);
            assertThat(done).extracting(event -> event.get("jobId")).containsOnly(job);
            assertThat(done.get(0))
                    .containsEntry("entityId", http)
                    .containsEntry("after", Map.of("path", "/queries/7/close", "body", Map.of("reason", "stale")));
            assertThat(done.get(1))
                    .containsEntry("entityType", "query")
                    .containsEntry("entityId", "7")
                    .containsEntry("entityName", "Q\uFFFD")
                    .containsEntry("before", Map.of("status", "open"))
                    .containsEntry("after", Map.of("status", "closed"))
                    .containsEntry("reason", "stale");
            assertThat(trail.getList("items.action")).contains("run").doesNotContain("state.set", "http.get");
            api().queryParam("sort", "seq")
                    .get("/accounts/{user}/audit", user)
                    .then()
                    .body("items[0].action", equalTo("create"));
            assertThat(api().get("/accounts/{user}/audit", user).jsonPath().getList("items.action"))
                    .contains("http.post");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void statement_says_whether_it_was_committed() throws Exception {
        ForeignDatabase foreign = ForeignDatabase.ofThisJvm();
        String sql = unique("edc-db");
        api().body(Map.of("postgresql", foreign.section(), "secret", foreign.password()))
                .put("/connections/{name}", sql)
                .then()
                .statusCode(201);
        String good = createJob(RARELY, "await sql.execute('%s', 'select 1');".formatted(sql))
                .getString("id");
        String bad = createJob(RARELY, "await sql.execute('%s', 'select 1'); throw new Error('no')".formatted(sql))
                .getString("id");
        runNow(good);
        runNow(bad);
        assertThat(trail(good).<Boolean>getList("items.findAll { it.action == 'sql.execute' }.after.committed"))
                .isNotEmpty()
                .containsOnly(true);
        assertThat(trail(bad).<Boolean>getList("items.findAll { it.action == 'sql.execute' }.after.committed"))
                .isNotEmpty()
                .containsOnly(false);
        assertThat(trail(good).getList("items.findAll { it.via == 'script' }.actor"))
                .containsOnly("system");
    }

    @Test
    void state_set_by_hand_and_cancelled_runs_are_told_of() {
        String job =
                idleJob("await sleep(250_000)", Map.of("timeoutSeconds", 300)).getString("id");
        api().queryParam("reason", "a new start")
                .body("1")
                .put("/jobs/{job}/state/since", job)
                .then()
                .statusCode(200);
        api().body("1").put("/jobs/{job}/state/since", job).then().statusCode(200);
        api().body("2").put("/jobs/{job}/state/since", job).then().statusCode(200);
        api().queryParam("reason", "wrong")
                .delete("/jobs/{job}/state/since", job)
                .then()
                .statusCode(204);
        String run = io.asyncjobs.testsupport.Api.startRun(job);
        api().body(Map.of("reason", "too long"))
                .post("/runs/{run}/cancel", run)
                .then()
                .statusCode(202);
        io.asyncjobs.testsupport.Api.ended(run);

        JsonPath trail = trail(job);
        assertThat(trail.getList("items.action"))
                .containsExactly("create", "pause", "create", "update", "delete", "run", "cancel");
        assertThat(trail.getList("items.reason"))
                .containsExactly(null, null, "a new start", null, "wrong", null, "too long");
        assertThat(trail.<Map<String, Integer>>get("items[3].before")).isEqualTo(Map.of("value", 1));
        assertThat(trail.<Map<String, Integer>>get("items[3].after")).isEqualTo(Map.of("value", 2));
        assertThat(trail.getString("items[6].runId")).isEqualTo(run);
    }

    @Test
    void clients_that_set_a_new_key_at_once_are_told_of_one_after_the_other() {
        String job = createJob(RARELY, "return 1").getString("id");
        for (int round = 0; round < 5; round++) {
            String key = "key-" + round;
            List<CompletableFuture<Void>> clients = IntStream.range(0, 8)
                    .mapToObj(client -> CompletableFuture.runAsync(() -> api().body(Integer.toString(client))
                            .put("/jobs/{job}/state/{key}", job, key)
                            .then()
                            .statusCode(200)))
                    .toList();
            clients.forEach(CompletableFuture::join);

            JsonPath trail = api().queryParam("sort", "seq")
                    .queryParam("entityType", "state")
                    .queryParam("entity", key)
                    .get("/audit")
                    .jsonPath();
            List<Integer> before = trail.getList("items.findAll { it.jobId == '%s' }.before.value".formatted(job));
            List<Integer> after = trail.getList("items.findAll { it.jobId == '%s' }.after.value".formatted(job));
            assertThat(after).hasSize(8);
            // The first one found nothing, which GPath leaves out
            assertThat(before).isEqualTo(after.subList(0, 7));
        }
    }

    @Test
    void pause_that_ends_by_itself_is_resumed_by_the_system_on_behalf_of_who_paused() {
        String job = createJob(RARELY, "return 1").getString("id");
        api().body(Map.of("until", Instant.now().plusSeconds(2).toString()))
                .post("/jobs/{job}/pause", job)
                .then()
                .statusCode(200);
        await().atMost(PATIENCE).until(() -> trail(job).getList("items.action").contains("resume"));
        JsonPath trail = trail(job);
        assertThat(trail.getString("items[2].actor")).isEqualTo("system");
        assertThat(trail.getString("items[2].via")).isEqualTo("system");
        assertThat(trail.getString("items[2].onBehalfOf")).isEqualTo("alice");
    }

    @Test
    void secret_of_a_connection_is_never_told_only_that_it_changed() {
        String name = unique("secretive");
        Map<String, Object> draft = Map.of(
                "http",
                Map.of("baseUrl", "http://127.0.0.1", "authentication", Map.of("type", "bearer")),
                "secret",
                "hunter2-hunter2");
        api().body(draft).put("/connections/{name}", name).then().statusCode(201);
        api().header("If-Match", "*")
                .body(draft)
                .put("/connections/{name}", name)
                .then()
                .statusCode(200);
        api().header("If-Match", "*")
                .queryParam("reason", "gone")
                .delete("/connections/{name}", name)
                .then()
                .statusCode(204);
        String trail = api().queryParam("entity", name)
                .queryParam("sort", "seq")
                .get("/audit")
                .asString();
        assertThat(trail).doesNotContain("hunter2");
        JsonPath events = JsonPath.from(trail);
        assertThat(events.getList("items.action")).containsExactly("create", "update", "delete");
        assertThat(events.<Map<String, String>>get("items[1].before")).isEqualTo(Map.of("secret", "stored"));
        assertThat(events.<Map<String, String>>get("items[1].after")).isEqualTo(Map.of("secret", "replaced"));
    }

    @Test
    void known_callers_who_are_refused_are_told_of_and_strangers_are_not() {
        String viewer = unique("viewer");
        String late = unique("late");
        for (int i = 0; i < 20; i++) {
            given().auth()
                    .oauth2(Tokens.withRoles(viewer, "viewer"))
                    .get("/api/v1/jobs")
                    .then()
                    .statusCode(403);
        }
        String expired = Tokens.draft()
                .user(late)
                .claim("groups", List.of("superadmin"))
                .expiresIn(Duration.ofHours(-2))
                .sign();
        given().auth().oauth2(expired).get("/api/v1/jobs").then().statusCode(401);
        String stranger = unique("stranger");
        given().auth()
                .oauth2(Tokens.draft()
                        .user(stranger)
                        .claim("iss", "elsewhere")
                        .expiresIn(Duration.ofHours(-2))
                        .sign())
                .get("/api/v1/jobs")
                .then()
                .statusCode(401);

        await().atMost(PATIENCE)
                .until(() ->
                        refused(viewer).getInt("total") > 0 && refused(late).getInt("total") > 0);
        assertThat(refused(viewer).getInt("total")).isEqualTo(1);
        assertThat(refused(viewer).getString("items[0].after.path")).isEqualTo("/api/v1/jobs");
        assertThat(refused(late).getString("items[0].reason")).isEqualTo("The token has expired");
        assertThat(refused(stranger).getInt("total")).isZero();
    }

    private static JsonPath refused(String user) {
        return api().queryParam("entityType", "sign-in")
                .queryParam("actor", user)
                .get("/audit")
                .jsonPath();
    }

    private static JsonPath trail(String job) {
        return api().queryParam("sort", "seq")
                .get("/jobs/{job}/audit", job)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }
}
