package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever dies while changes are made: the chain verifies, each change has its event and each event its change.
 *
 * <p>Makes 1,500 changes, in about a minute on two cores; {@code -Dchanges=10000} makes as many as it says. The service is
 * killed about once in 400 changes, now and then together with its database.
 */
class AuditCrashIT {

    private static final int CHANGES = Integer.getInteger("changes", 1_500);
    private static final int FEWEST_BETWEEN_KILLS = 50;
    private static final int MOST_BETWEEN_KILLS = 750;
    private static final int CLIENTS = 8;
    private static final int THINGS = 2;
    private static final int RARELY = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the changes left behind, and how many there were, by the versions that grow with each. */
    private static final String TABLES = """
            select 'job' as type, id::text as id, '/pause/reason' as field, pause_reason as value, version as changes
            from job
            union all
            select 'job', id::text, '/description', description, version from job
            union all
            select 'account', id::text, '/displayName', display_name, version + 1 from account where username <> 'system'
            union all
            select 'connection', id::text, '/description', description, version + 1 from connection
            union all
            select 'state', key, '/value', value::json #>> '{}', null from job_state
            """;

    @TempDir
    Path folder;

    private final Set<String> answered = ConcurrentHashMap.newKeySet();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger count = new AtomicInteger();

    @Test
    void killed_at_random_while_changes_are_made_nothing_is_missing_from_the_trail() throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.printf("AuditCrashIT: %d changes, -Dseed=%d%n", CHANGES, seed);
        Random random = new Random(seed);
        Path data = folder.resolve("data");
        String token = ServiceProcess.token(data, "alice", "superadmin");
        long begun = System.nanoTime();
        int kills = 0;
        // Closed at the end only: closing one that was killed would end the database under the next one
        Deque<ServiceProcess> services = new ArrayDeque<>();
        try {
            services.push(ServiceProcess.startIn(data));
            int created = create(services.getFirst(), token);
            while (true) {
                int wanted = Math.min(CHANGES, count.get() + random.nextInt(FEWEST_BETWEEN_KILLS, MOST_BETWEEN_KILLS));
                boolean last = wanted == CHANGES && kills > 0;
                changeUntil(last ? wanted : Math.min(wanted, CHANGES - 1), services.getFirst(), token, random, last);
                if (last) {
                    break;
                }
                kills++;
                if (random.nextInt(4) == 0) {
                    ProcessHandle postmaster = services.getFirst().postmaster().orElseThrow();
                    postmaster.destroyForcibly();
                    postmaster.onExit().join();
                }
                services.push(ServiceProcess.startIn(data));
            }
            int events = check(services.getFirst(), token);
            System.out.printf(
                    "AuditCrashIT: %d kills, %d changes answered, %d events (%d of what was there before), %d s%n",
                    kills,
                    count.get(),
                    events,
                    created,
                    Duration.ofNanos(System.nanoTime() - begun).toSeconds());
        } finally {
            while (!services.isEmpty()) {
                services.pop().close();
            }
        }
    }

    /** Lets the clients change things until so many changes were answered in all, and then kills the service beneath them. */
    private void changeUntil(int wanted, ServiceProcess service, String token, Random random, boolean spared)
            throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Random choices = new Random(random.nextLong());
            String prefix = service.pid() + "-" + client + "-";
            clients.add(Thread.ofVirtual().start(() -> change(service, token, choices, prefix, stop)));
        }
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1 + random.nextInt(20)))
                .until(() -> count.get() >= wanted);
        if (!spared) {
            service.kill();
        }
        stop.set(true);
        for (Thread client : clients) {
            client.join();
        }
    }

    private void change(ServiceProcess service, String token, Random choices, String prefix, AtomicBoolean stop) {
        for (int i = 0; !stop.get(); i++) {
            String reason = prefix + i;
            try {
                HttpResponse<String> answer =
                        http.send(change(service, token, choices, reason), HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() / 100 == 2) {
                    answered.add(reason);
                    count.incrementAndGet();
                } else {
                    refused.add(answer.statusCode() + " " + answer.body());
                }
            } catch (Exception e) {
                // The service is gone, as it should be
                return;
            }
        }
    }

    private static HttpRequest change(ServiceProcess service, String token, Random choices, String reason)
            throws IOException {
        int thing = choices.nextInt(THINGS);
        return switch (choices.nextInt(5)) {
            case 0 ->
                request(service, token, "PATCH", "jobs/job-" + thing, Map.of("description", reason, "reason", reason));
            case 1 -> request(service, token, "POST", "jobs/job-" + thing + "/pause", Map.of("reason", reason));
            case 2 -> request(service, token, "PUT", "accounts/account-" + thing, account(thing, reason));
            case 3 -> request(service, token, "PUT", "connections/connection-" + thing, connection(reason));
            default -> request(service, token, "PUT", "jobs/job-0/state/key-" + thing + "?reason=" + reason, reason);
        };
    }

    private static HttpRequest request(ServiceProcess service, String token, String method, String path, Object body)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(service.uri().resolve("/api/v1/" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
        return method.equals("POST")
                ? request.build()
                : request.header("If-Match", "*").build();
    }

    /** Makes what is to be changed; returns how many changes that were. */
    private int create(ServiceProcess service, String token) {
        for (int thing = 0; thing < THINGS; thing++) {
            String reason = "first-" + thing;
            List<Response> made = List.of(
                    api(service, token)
                            .body(Map.of(
                                    "name",
                                    "job-" + thing,
                                    "pollIntervalSeconds",
                                    RARELY,
                                    "script",
                                    "return 1",
                                    "reason",
                                    reason + "-job"))
                            .post("/jobs"),
                    api(service, token)
                            .body(account(thing, reason + "-account"))
                            .post("/accounts"),
                    api(service, token)
                            .body(connection(reason + "-connection"))
                            .put("/connections/connection-{thing}", thing),
                    api(service, token)
                            .queryParam("reason", reason + "-state")
                            .body("1")
                            .put("/jobs/job-0/state/key-{thing}", thing));
            made.forEach(response -> assertThat(response.statusCode()).isBetween(200, 204));
        }
        return THINGS * 4;
    }

    private static Map<String, Object> account(int thing, String reason) {
        return Map.of("username", "account-" + thing, "displayName", reason, "reason", reason);
    }

    private static Map<String, Object> connection(String reason) {
        return Map.of("http", Map.of("baseUrl", "http://127.0.0.1"), "description", reason, "reason", reason);
    }

    /** Returns how many events there are. */
    private int check(ServiceProcess service, String token) throws Exception {
        JsonPath verified = api(service, token).get("/audit/verify").jsonPath();
        assertThat(verified.<Object>get("firstFault")).isNull();
        assertThat(verified.getBoolean("intact")).isTrue();
        assertThat(refused).isEmpty();

        Path export = folder.resolve("audit.ndjson");
        Files.write(export, api(service, token).get("/audit/export").asByteArray());
        List<JsonNode> events = new ArrayList<>();
        for (String line : Files.readAllLines(export)) {
            events.add(JSON.readTree(line));
        }
        assertThat(verified.getInt("events")).isEqualTo(events.size());
        List<String> reasons =
                events.stream().map(event -> event.path("reason").textValue()).toList();
        assertThat(reasons).doesNotHaveDuplicates().containsAll(answered);
        checkTables(service, events);

        assertThat(verify(export, service.data())).contains("Verified " + events.size() + " events");
        List<String> lines = Files.readAllLines(export);
        lines.set(10, lines.get(10).replace("\"actor\":\"alice\"", "\"actor\":\"mallory\""));
        Files.write(export, lines);
        assertThat(verify(export, service.data())).contains("First bad event: 11 (altered");
        return events.size();
    }

    private static void checkTables(ServiceProcess service, List<JsonNode> events) throws Exception {
        Map<String, ObjectNode> told = new HashMap<>();
        Map<String, Integer> changes = new HashMap<>();
        Map<String, List<String>> saves = new HashMap<>();
        for (JsonNode event : events) {
            String thing = event.path("entityType").textValue() + " "
                    + event.path("entityId").textValue();
            ObjectNode state = told.computeIfAbsent(thing, none -> JsonNodeFactory.instance.objectNode());
            // A change without an event would leave another value than the next event found
            event.path("before").properties().forEach(field -> assertThat(state.get(field.getKey()))
                    .as("%s", event)
                    .isEqualTo(field.getValue()));
            state.setAll((ObjectNode) event.path("after"));
            changes.merge(thing, 1, Integer::sum);
            if (event.path("after").has("revision")) {
                saves.computeIfAbsent(thing, none -> new ArrayList<>())
                        .add(event.path("reason").textValue());
            }
        }
        Map<String, List<String>> revisions = new HashMap<>();
        Set<String> found = new HashSet<>();
        try (Connection connection = service.connect();
                Statement sql = connection.createStatement()) {
            try (ResultSet row =
                    sql.executeQuery("select job_id, reason from job_revision order by job_id, revision")) {
                while (row.next()) {
                    revisions
                            .computeIfAbsent("job " + row.getString("job_id"), none -> new ArrayList<>())
                            .add(row.getString("reason"));
                }
            }
            try (ResultSet row = sql.executeQuery(TABLES)) {
                while (row.next()) {
                    String thing = row.getString("type") + " " + row.getString("id");
                    found.add(thing);
                    JsonNode last = told.getOrDefault(thing, JsonNodeFactory.instance.objectNode())
                            .at(row.getString("field"));
                    assertThat(last.isValueNode() ? last.textValue() : null)
                            .as(thing)
                            .isEqualTo(row.getString("value"));
                    int times = row.getInt("changes");
                    if (!row.wasNull()) {
                        assertThat(changes.get(thing)).as(thing).isEqualTo(times);
                    }
                }
            }
        }
        assertThat(saves).isEqualTo(revisions);
        assertThat(told.keySet()).isEqualTo(found);
    }

    private static String verify(Path export, Path data) throws Exception {
        ServiceProcess.Ended ended =
                ServiceProcess.command("audit", "verify", export.toString(), "--data", data.toString());
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(ended.output().contains("First bad event") ? 1 : 0);
        return ended.output();
    }

    private static RequestSpecification api(ServiceProcess service, String token) {
        return service.api(token);
    }
}
