package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.lessThan;

import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults of the trail that spread once, on the packaged service with the heap that the launcher gives it. */
class AuditFaultsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int RARELY = 300;
    private static final int NEIGHBOURS = 5;
    private static final int READERS = 100;
    private static final int OLD_CHECKPOINTS = 300_000;

    @TempDir
    Path folder;

    private String token = "";

    @Test
    void neither_large_values_nor_slow_readers_nor_a_cut_tail_keep_a_node_from_its_work() throws Exception {
        Path data = folder.resolve("data");
        Map<String, String> environment = Map.of("ASYNCJOBS_AUDIT_CHECKPOINT_EVERY", "1h");
        token = ServiceProcess.token(data, "alice", "superadmin");
        try (ServiceProcess service = ServiceProcess.startIn(data, environment)) {
            for (int i = 0; i < NEIGHBOURS; i++) {
                create(service, "neighbour-" + i, 1, "return " + i);
            }
            create(service, "quiet", RARELY, "return 1");
            textThatIsTooLongIsRefused(service);
            largeValuesAreLeftOutOfPages(service);
            slowReadersHoldNothing(service);
            cutTailIsShown(service);
        }
    }

    @Test
    void long_file_of_checkpoints_is_thinned_out_and_one_is_added_at_an_orderly_stop() throws Exception {
        Path data = folder.resolve("data");
        Path checkpoints = data.resolve("audit-checkpoints.ndjson");
        token = ServiceProcess.token(data, "alice", "superadmin");
        try (ServiceProcess service = ServiceProcess.startIn(data, Map.of("ASYNCJOBS_AUDIT_CHECKPOINT_EVERY", "1h"))) {
            create(service, "first", RARELY, "return 1");
            create(service, "second", RARELY, "return 1");
            long events = verified(service).getLong("events");
            assertThat(service.terminate()).isEqualTo(143);
            assertThat(new CheckpointFile(checkpoints).last().orElseThrow().count())
                    .isEqualTo(events);
        }
        fill(
                checkpoints,
                AuditSeals.of(
                        List.of(Files.readString(data.resolve("audit.key")).strip()), Optional.empty()));
        try (ServiceProcess service = ServiceProcess.startIn(data, Map.of("ASYNCJOBS_AUDIT_CHECKPOINT_EVERY", "1s"))) {
            await().atMost(PATIENCE).until(() -> Files.size(checkpoints) < 4_000_000);
            JsonPath verified = verified(service);
            assertThat(verified.getBoolean("intact")).as(verified.prettify()).isTrue();
            assertThat(verified.getInt("checkpoints")).isBetween(1_000, 10_000);
            assertThat(peakMegabytes(service)).isLessThan(700);
        }
    }

    private void textThatIsTooLongIsRefused(ServiceProcess service) {
        create(service, "long-texts", RARELY, """
                let s = '';
                for (let i = 0; i < 1000; i++) s += String.fromCharCode(0x4e00 + (Math.random() * 20000 | 0));
                await audit.record({ action: 'x', entityType: 't', entityId: '1', entityName: s.substring(0, 300) });
                await audit.record({ action: 'x', entityType: 't', entityId: '2', entityName: s });
                """);
        String run = api(service)
                .post("/jobs/long-texts/runs")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        await().atMost(PATIENCE)
                .until(() -> "failed".equals(api(service).get("/runs/" + run).path("outcome")));
        assertThat(api(service).get("/runs/" + run).<String>path("error.message"))
                .contains("entityName", "1500 bytes", "3000");
        JsonPath recorded =
                api(service).queryParam("entityType", "t").get("/audit").jsonPath();
        assertThat(recorded.getInt("total")).isEqualTo(1);
        assertThat(recorded.getString("items[0].entityName")).hasSize(300);
    }

    private void largeValuesAreLeftOutOfPages(ServiceProcess service) throws Exception {
        int changes = 40;
        for (int i = 0; i < changes; i++) {
            api(service)
                    .header("If-Match", "*")
                    .body("\"" + Character.toString('a' + i % 20).repeat(1_000_000) + "\"")
                    .put("/jobs/quiet/state/large")
                    .then()
                    .statusCode(lessThan(300));
        }
        Response page = api(service).queryParam("size", 500).get("/audit");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.asByteArray()).hasSizeLessThan(2 * 1024 * 1024);
        List<String> omitted = page.jsonPath().getList("items.findAll { it.valuesOmitted != null }.valuesOmitted");
        assertThat(omitted).hasSizeGreaterThan(changes / 2);
        // The export has all of it
        String from = omitted.getFirst().replaceAll(".*(/audit/export.*)", "$1");
        assertThat(api(service).urlEncodingEnabled(false).get(from).asString())
                .hasSizeGreaterThan(2_000_000)
                .contains("\"entityId\":\"large\"");
        assertThat(verified(service).getBoolean("intact")).isTrue();
    }

    private void slowReadersHoldNothing(ServiceProcess service) throws Exception {
        List<Socket> readers = new ArrayList<>();
        List<String> statuses = new ArrayList<>();
        try {
            for (int i = 0; i < READERS; i++) {
                Socket socket = new Socket();
                // What the kernel keeps for a reader that takes nothing is little
                socket.setReceiveBufferSize(4 * 1024);
                socket.connect(new java.net.InetSocketAddress(
                        "127.0.0.1", service.uri().getPort()));
                readers.add(socket);
                socket.getOutputStream()
                        .write(("GET /api/v1/audit/export HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token
                                        + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                statuses.add(statusLine(socket.getInputStream()));
            }
            assertThat(statuses).filteredOn(status -> status.contains("200")).hasSize(AuditExports.AT_ONCE);
            assertThat(statuses).filteredOn(status -> status.contains("503")).hasSize(READERS - AuditExports.AT_ONCE);
            assertThat(api(service).get("/audit/export").header("Retry-After")).isNotNull();
            int before = runs(service);
            await("neighbours run on time").atMost(PATIENCE).until(() -> runs(service) >= before + 5 * NEIGHBOURS);
            for (int i = 0; i < NEIGHBOURS; i++) {
                Map<String, Integer> gaps = api(service)
                        .get("/jobs/neighbour-" + i + "/ticks")
                        .jsonPath()
                        .getMap("gaps");
                assertThat(gaps.getOrDefault("down", 0)).isZero();
            }
            assertThat(service.get("/q/health/ready").statusCode()).isEqualTo(200);
            try (Connection connection = service.connect();
                    Statement sql = connection.createStatement();
                    ResultSet row = sql.executeQuery("""
                            select count(*) from pg_stat_activity
                            where pid <> pg_backend_pid() and usename = current_user
                                and xact_start < now() - interval '2 seconds'
                            """)) {
                row.next();
                assertThat(row.getInt(1))
                        .as("transactions that wait for a reader")
                        .isZero();
            }
            assertThat(peakMegabytes(service)).isLessThan(900);
        } finally {
            for (Socket reader : readers) {
                reader.close();
            }
        }
        await("places are free again").atMost(PATIENCE).until(() -> {
            Response export = api(service).queryParam("entityType", "none").get("/audit/export");
            return export.statusCode() == 200;
        });
    }

    private void cutTailIsShown(ServiceProcess service) throws Exception {
        assertThat(service.get("/q/health/well").body())
                .contains("\"Audit trail\"")
                .contains("\"UP\"");
        try (Connection connection = service.connect();
                Statement sql = connection.createStatement()) {
            sql.execute("alter table audit_event disable trigger audit_event_unchangeable");
            sql.execute("grant delete on audit_event to current_user");
            sql.execute("delete from audit_event where seq > (select max(seq) - 3 from audit_event)");
            sql.execute("alter table audit_event enable always trigger audit_event_unchangeable");
        }
        JsonPath verified = verified(service);
        assertThat(verified.getBoolean("intact")).isFalse();
        assertThat(verified.getString("firstFault.kind")).isEqualTo("cut");
        HttpResponse<String> health = service.get("/q/health/well");
        assertThat(health.statusCode()).isEqualTo(503);
        assertThat(health.body()).contains("is not there any more");
        assertThat(service.get("/q/health/ready").statusCode()).isEqualTo(200);
    }

    private static void fill(Path checkpoints, AuditSeals seals) throws IOException {
        Checkpoint last = new CheckpointFile(checkpoints).last().orElseThrow();
        try (BufferedWriter lines = Files.newBufferedWriter(checkpoints)) {
            for (int i = OLD_CHECKPOINTS; i > 0; i--) {
                lines.write(Checkpoint.of(seals, last.at().minus(Duration.ofMinutes(i)), last.count(), last.hash())
                        .json());
                lines.write('\n');
            }
            lines.write(last.json());
            lines.write('\n');
        }
    }

    private static String statusLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    /** The most memory that the process ever had. */
    private static long peakMegabytes(ServiceProcess service) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(service.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    private int runs(ServiceProcess service) {
        int runs = 0;
        for (int i = 0; i < NEIGHBOURS; i++) {
            runs += api(service)
                    .queryParam("size", 1)
                    .get("/jobs/neighbour-" + i + "/runs")
                    .jsonPath()
                    .getInt("total");
        }
        return runs;
    }

    private JsonPath verified(ServiceProcess service) {
        return api(service)
                .get("/audit/verify")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private void create(ServiceProcess service, String name, int interval, String script) {
        api(service)
                .body(Map.of("name", name, "pollIntervalSeconds", interval, "script", script))
                .post("/jobs")
                .then()
                .statusCode(201);
    }

    private RequestSpecification api(ServiceProcess service) {
        return service.api(token);
    }
}
