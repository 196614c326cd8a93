package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Outside;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The scripts under examples/, with their manifests, against a real service and a real database. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ExamplesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String http = unique("service");
    private final String sql = unique("database");
    private Outside outside;

    @BeforeEach
    void connect() throws Exception {
        outside = new Outside();
        outside.connectHttp(http);
        outside.connectSql(sql);
    }

    @AfterEach
    void disconnect() {
        outside.close();
    }

    @Test
    void close_stale_queries() throws Exception {
        outside.answering("GET /queries?status=open", "[{\"id\":7,\"ageDays\":40},{\"id\":8,\"ageDays\":3}]");

        Map<String, Object> run = runNow(job("close-stale-queries", Map.of("connection", http)));

        assertThat(run.get("result")).isEqualTo(Map.of("stale", 1, "closed", 1));
        assertThat(outside.asked())
                .containsExactly("GET /queries?status=open", "POST /queries/7/close {\"reason\":\"stale\"}");
    }

    @Test
    void reconcile_subjects() throws Exception {
        outside.execute(
                "drop table if exists subject, subject_mirror",
                "create table subject (id text primary key, site text, status text)",
                "create table subject_mirror (id text primary key, site text, status text)",
                "insert into subject values ('S1', 'A', 'enrolled'), ('S2', 'A', 'enrolled')",
                "insert into subject_mirror values ('S2', 'B', 'enrolled'), ('S9', 'A', 'enrolled')");
        String job = job("reconcile-subjects", Map.of("source", sql, "target", sql));

        assertThat(runNow(job).get("result")).isEqualTo(Map.of("added", 1, "corrected", 1, "withdrawn", 1));
        assertThat(runNow(job).get("result")).isEqualTo(Map.of("added", 0, "corrected", 0, "withdrawn", 0));

        assertThat(outside.rows("select id, site, status from subject_mirror order by id"))
                .containsExactly("S1 A enrolled", "S2 A enrolled", "S9 A withdrawn");
    }

    @Test
    void nightly_digest() throws Exception {
        outside.execute(
                "drop table if exists finding; create table finding (site text, found_at timestamptz)",
                "insert into finding select 'A', now() - interval '1 day' from generate_series(1, 3)");
        String job = job("nightly-digest", Map.of("database", sql, "mailer", http, "sendAfterHourUtc", 0));

        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
        assertThat(runNow(job).get("result")).isEqualTo(Map.of("sent", "already"));

        assertThat(outside.asked()).hasSize(1).allMatch(request -> request.startsWith("POST /messages {"));
    }

    @Test
    void queue_depth_alert() throws Exception {
        String job = job("queue-depth-alert", Map.of("queue", http, "webhook", http));

        for (int depth : new int[] {5, 2000, 1500, 500, 99, 1}) {
            outside.answering("GET /stats", "{\"depth\":" + depth + "}");
            assertThat(runNow(job)).containsEntry("outcome", "succeeded");
        }

        assertThat(outside.asked().stream().filter(request -> request.startsWith("POST")))
                .containsExactly(
                        "POST /alerts {\"text\":\"The queue holds 2000 messages\"}",
                        "POST /alerts {\"text\":\"The queue is down to 99 messages\"}");
    }

    @Test
    void order_cursor() throws Exception {
        outside.execute(
                "drop table if exists orders; create table orders (id text primary key, placed_at timestamptz, body jsonb)");
        outside.answering(
                "GET /orders?after=&limit=100",
                "{\"items\":[{\"id\":\"o1\",\"placedAt\":\"2026-01-31T12:00:00Z\"}],\"next\":\"o1\"}");
        outside.answering(
                "GET /orders?after=o1&limit=100",
                "{\"items\":[{\"id\":\"o2\",\"placedAt\":\"2026-01-31T13:00:00Z\"}],\"next\":null}");
        String job = job("order-cursor", Map.of("orders", http, "database", sql));

        assertThat(runNow(job).get("result")).isEqualTo(Map.of("stored", 2, "cursor", "o1"));
        assertThat(runNow(job).get("result")).isEqualTo(Map.of("stored", 0, "cursor", "o1"));

        assertThat(outside.rows("select id, body->>'placedAt' from orders order by id"))
                .containsExactly("o1 2026-01-31T12:00:00Z", "o2 2026-01-31T13:00:00Z");
    }

    /** The example's job as its manifest has it, but for its name and these parameters; it runs by hand only. */
    private static String job(String example, Map<String, Object> parameters) throws IOException {
        Path folder = Path.of("examples", example);
        JsonNode jobs =
                JSON.readTree(Files.readString(folder.resolve("manifest.json"))).path("jobs");
        assertThat(jobs).hasSize(1);
        ObjectNode draft = jobs.get(0).deepCopy();
        String script =
                Files.readString(folder.resolve(draft.remove("scriptFile").textValue()));
        draft.put("name", unique(draft.path("name").textValue()));
        parameters.forEach((name, value) -> {
            assertThat(draft.path("parameters").has(name)).as(name).isTrue();
            ((ObjectNode) draft.path("parameters")).set(name, JSON.valueToTree(value));
        });
        Map<String, Object> more = JSON.convertValue(draft, new TypeReference<>() {});
        return idleJob(script, more).getString("id");
    }
}
