package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
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

    @Test
    void visit_sync() throws Exception {
        outside.execute(
                "drop table if exists visit cascade; create table visit (id text primary key, subject text not null, visited_at timestamptz not null)");
        String api = unique("oauth2");
        Outside.connect(
                api,
                Map.of(
                        "http",
                        Map.of(
                                "baseUrl",
                                outside.baseUrl() + "/api",
                                "authentication",
                                Map.of(
                                        "type",
                                        "oauth2_client_credentials",
                                        "tokenUrl",
                                        outside.baseUrl() + "/token",
                                        "clientId",
                                        "jobs")),
                        "secret",
                        "the client secret"));
        outside.answering("POST /token", "{\"access_token\":\"t-1\",\"token_type\":\"Bearer\",\"expires_in\":300}")
                .answering(
                        "GET /api/visits?after=&limit=200",
                        "application/json",
                        "[{\"id\":\"v1\",\"subject\":\"S1\",\"at\":\"2026-01-31T12:00:00Z\"}]".getBytes(UTF_8),
                        Map.of("Link", "<" + outside.baseUrl() + "/api/visits?after=v1&limit=200>; rel=\"next\""))
                .answering(
                        "GET /api/visits?after=v1&limit=200",
                        "[{\"id\":\"v2\",\"subject\":\"S2\",\"at\":\"2026-01-31T13:00:00Z\"}]")
                .answering("GET /api/visits?after=v2&limit=200", "[]");
        String job = job("visit-sync", Map.of("api", api, "database", sql));

        assertThat(runNow(job).get("result")).isEqualTo(Map.of("stored", 2, "more", false));
        assertThat(runNow(job).get("result")).isEqualTo(Map.of("stored", 0, "more", false));

        assertThat(outside.rows("select id, subject from visit order by id")).containsExactly("v1 S1", "v2 S2");
        assertThat(outside.header("GET /api/visits?after=v2&limit=200", "Authorization"))
                .isEqualTo("Bearer t-1");
        assertThat(outside.asked().stream().filter(request -> request.startsWith("POST /token")))
                .hasSize(1);
    }

    @Test
    void odm_import() throws Exception {
        outside.execute(
                "drop table if exists odm_subject; create table odm_subject (key text primary key, site text not null, removed boolean not null)");
        StringBuilder odm =
                new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ODM FileOID=\"F1\"><ClinicalData>");
        for (int i = 1; i <= 5_000; i++) {
            odm.append("""
                    <SubjectData SubjectKey="%d"><SiteRef LocationOID="SITE.%d"/><StudyEventData StudyEventOID="SE.1"><FormData
                      FormOID="F.1"><ItemGroupData ItemGroupOID="IG.1"><ItemData ItemOID="WEIGHT" Value="%d.5"/><ItemData
                      ItemOID="NOTE" Value="%s"/></ItemGroupData></FormData></StudyEventData></SubjectData>
                    """.formatted(i, i % 7, 50 + i % 50, "ohne Befund".repeat(12)));
        }
        byte[] file = odm.append("</ClinicalData></ODM>").toString().getBytes(UTF_8);
        assertThat(file.length).isGreaterThan(2_000_000);
        outside.answering("GET /odm/latest.xml", "application/xml", file, Map.of());
        String export = unique("export");
        Outside.connect(
                export, Map.of("http", Map.of("baseUrl", outside.baseUrl(), "maxResponseBytes", 4 * 1024 * 1024)));
        String job = job("odm-import", Map.of("edc", export, "database", sql));

        Map<String, Object> run = runNow(job);
        assertThat(run.get("result")).as("%s", run).isEqualTo(Map.of("imported", 5_000, "changed", 5_000));
        assertThat(runNow(job).get("result")).isEqualTo(Map.of("imported", 0, "unchanged", true));

        assertThat(outside.rows("select count(*), count(distinct site), bool_or(removed) from odm_subject"))
                .containsExactly("5000 7 f");
    }

    @Test
    void signed_webhook() throws Exception {
        outside.execute(
                "drop table if exists adverse_event; create table adverse_event (id integer primary key, subject text, term text, severity text)",
                "insert into adverse_event values (1, 'S1', 'Übelkeit', 'mild'), (2, 'S2', 'headache', 'severe')");
        String webhook = unique("webhook");
        Outside.connect(
                webhook,
                Map.of("http", Map.of("baseUrl", outside.baseUrl()), "secrets", Map.of("signing-key", "the key")));
        String job = job("signed-webhook", Map.of("database", sql, "webhook", webhook));

        assertThat(runNow(job).get("result")).isEqualTo(Map.of("sent", 2));
        assertThat(runNow(job).get("result")).isEqualTo(Map.of("sent", 0));

        String last = outside.asked().getLast();
        assertThat(last).startsWith("POST /events {").contains("headache");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("the key".getBytes(UTF_8), "HmacSHA256"));
        byte[] signature = mac.doFinal(last.substring("POST /events ".length()).getBytes(UTF_8));
        assertThat(outside.header("POST /events", "X-Signature"))
                .isEqualTo("sha256=" + HexFormat.of().formatHex(signature));
        assertThat(outside.header("POST /events", "Idempotency-Key")).isEqualTo("adverse-event-2");
    }

    @Test
    void report_forward() throws Exception {
        outside.answering("GET /reports?status=ready", "[{\"id\":\"r 1\",\"title\":\"Visit 1\"}]")
                .answering(
                        "GET /reports/r%201.pdf",
                        "application/pdf", "%PDF-1.7 \u00e9 and more".getBytes(StandardCharsets.ISO_8859_1), Map.of());
        String job = job("report-forward", Map.of("reports", http, "archive", http));

        assertThat(runNow(job).get("result")).isEqualTo(Map.of("sent", 1));

        assertThat(outside.asked().get(2))
                .startsWith("POST /documents ")
                .contains("Visit 1", "filename=\"r 1.pdf\"", "application/pdf", "%PDF-1.7");
        assertThat(outside.asked().getLast()).startsWith("POST /reports/r%201/archived");
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
