package io.asyncjobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.testsupport.ServiceProcess;
import io.asyncjobs.testsupport.TestDatabase;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes on one database: what one holds is reached through the other. */
class ClusterIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private record Node(ServiceProcess service, String token) {

        RequestSpecification api() {
            return service.api(token);
        }
    }

    @TempDir
    Path folder;

    @Test
    void run_is_followed_and_cancelled_through_the_node_that_does_not_hold_it() throws Exception {
        TestDatabase database = TestDatabase.ofThisJvm();
        Map<String, String> shared = Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL", database.jdbcUrl(),
                "QUARKUS_DATASOURCE_USERNAME", database.username(),
                "QUARKUS_DATASOURCE_PASSWORD", database.password(),
                "ASYNCJOBS_ENCRYPTION_KEYS", KeyRing.newKey("shared"),
                "ASYNCJOBS_AUDIT_KEYS", KeyRing.newKey("shared"));
        try (ServiceProcess first = ServiceProcess.startIn(folder.resolve("first"), shared);
                ServiceProcess second = ServiceProcess.startIn(folder.resolve("second"), shared)) {
            Node holder = new Node(first, ServiceProcess.token(folder.resolve("first"), "alice", "superadmin"));
            Node other = new Node(second, ServiceProcess.token(folder.resolve("second"), "bob", "superadmin"));
            holder.api()
                    .body(Map.of(
                            "name",
                            "patient",
                            "pollIntervalSeconds",
                            300,
                            "script",
                            "log.info('waiting'); while (true) await sleep(1000)",
                            "timeoutSeconds",
                            300))
                    .post("/jobs")
                    .then()
                    .statusCode(201);
            // By hand only: a run of its timer would go on for five minutes
            holder.api().post("/jobs/patient/pause").then().statusCode(200);
            String run = await().atMost(PATIENCE)
                    .until(() -> holder.api().post("/jobs/patient/runs"), answer -> answer.statusCode() == 202)
                    .path("id");

            await().atMost(PATIENCE)
                    .until(() ->
                            other.api().get("/runs/{run}/log", run).asString().contains("waiting"));
            JsonPath nodes =
                    other.api().queryParam("live", true).get("/cluster/nodes").jsonPath();
            assertThat(nodes.getList("items.findAll { !it.self }.runs.runId.flatten()", String.class))
                    .contains(run);
            assertThat(nodes.getList("items.findAll { it.self }.runs.runId.flatten()"))
                    .isEmpty();
            other.api()
                    .body(Map.of("reason", "from afar"))
                    .post("/runs/{run}/cancel", run)
                    .then()
                    .statusCode(202);

            await().atMost(PATIENCE).untilAsserted(() -> holder.api()
                    .get("/runs/{run}", run)
                    .then()
                    .body("outcome", equalTo("cancelled"))
                    .body("error.message", equalTo("Cancelled by bob: from afar")));
            String events = other.api()
                    .accept("text/event-stream")
                    .get("/runs/{run}/log", run)
                    .asString();
            assertThat(events).contains("waiting").contains("\"outcome\":\"cancelled\"");
            assertThat(List.of(first.terminate(), second.terminate())).containsOnly(143);
        }
    }
}
