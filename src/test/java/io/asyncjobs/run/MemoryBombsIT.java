package io.asyncjobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scripts in a row that take all the memory they can get, beside fifty jobs that do their work. {@code -Dbombs=100} takes
 * more of them than the suite has time for.
 */
class MemoryBombsIT {

    private static final int BOMBS = Integer.getInteger("bombs", 10);
    private static final int NEIGHBOURS = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final List<String> KINDS = List.of(
            "let a = [1]; for (;;) a = a.concat(a);",
            "const hoard = []; for (;;) hoard.push(new Uint8Array(1 << 20).fill(1));",
            "return new Uint8Array(2 ** 29).length;",
            "const keep = []; for (;;) { try { for (;;) keep.push({ a: [1] }); } catch (e) { log.warn('caught'); } }",
            "return new Array(2 ** 27).fill(0).map(i => ({ i })).length;");

    private static final String WORK = """
            const rows = Array.from({ length: 200 }, (_, i) => ({ id: i, open: i % 3 === 0 }));
            await state.set('open', rows.filter(row => row.open).length);
            return rows.length;
            """;

    @TempDir
    Path folder;

    @Test
    void no_neighbour_fails_and_nothing_is_left_behind() throws Exception {
        try (ServiceProcess service = ServiceProcess.startIn(folder.resolve("data"), ServiceProcess.AS_DELIVERED)) {
            String token = ServiceProcess.token(service.data(), "alice", "superadmin");
            for (int i = 0; i < NEIGHBOURS; i++) {
                create(service, token, "neighbour-" + i, 5, WORK);
            }
            for (int i = 0; i < KINDS.size(); i++) {
                create(service, token, "bomb-" + i, 300, KINDS.get(i));
                api(service, token)
                        .post("/api/v1/jobs/bomb-" + i + "/pause")
                        .then()
                        .statusCode(200);
            }
            for (int i = 0; i < NEIGHBOURS; i++) {
                String name = "neighbour-" + i;
                await().atMost(PATIENCE).until(() -> runs(service, token, name).getInt("total") > 0);
            }
            awaitWorkers(service, token);
            long processesBefore = processes(service);
            long heapBefore = service.heapKilobytes();

            for (int i = 0; i < BOMBS; i++) {
                String run = await().atMost(PATIENCE)
                        .until(startOf(service, token, "bomb-" + i % KINDS.size()), Objects::nonNull);
                Map<String, Object> ended = await().atMost(PATIENCE)
                        .until(
                                () -> api(service, token)
                                        .get("/api/v1/runs/" + run)
                                        .jsonPath()
                                        .<String, Object>getMap("$"),
                                found -> found.get("outcome") != null);
                assertThat(ended).as("bomb %d", i).containsEntry("outcome", "limit_exceeded");
            }

            List<Integer> soFar = new ArrayList<>();
            for (int i = 0; i < NEIGHBOURS; i++) {
                soFar.add(runs(service, token, "neighbour-" + i).getInt("total"));
            }
            for (int i = 0; i < NEIGHBOURS; i++) {
                String name = "neighbour-" + i;
                int before = soFar.get(i);
                await("goes on")
                        .atMost(PATIENCE)
                        .until(() -> runs(service, token, name).getInt("total") > before);
                for (String outcome : List.of("failed", "lost", "timed_out", "limit_exceeded", "cancelled")) {
                    assertThat(api(service, token)
                                    .get("/api/v1/jobs/" + name + "/runs?outcome=" + outcome)
                                    .jsonPath()
                                    .getList("items.error"))
                            .as("%s, %s", name, outcome)
                            .isEmpty();
                }
            }
            awaitWorkers(service, token);
            await("no worker too many").atMost(PATIENCE).until(() -> processes(service) == processesBefore);
            assertThat(service.heapKilobytes()).isLessThan(heapBefore + 32 * 1024);
        }
    }

    private static Callable<String> startOf(ServiceProcess service, String token, String job) {
        return () -> api(service, token)
                .post("/api/v1/jobs/" + job + "/runs")
                .jsonPath()
                .getString("id");
    }

    private static void awaitWorkers(ServiceProcess service, String token) {
        await().atMost(PATIENCE).until(() -> api(service, token)
                .get("/api/v1/cluster/nodes")
                .jsonPath()
                .getList("items[0].workers.state")
                .equals(List.of("ready", "ready")));
    }

    /** The workers: the service's children but for the database. */
    private static long processes(ServiceProcess service) {
        return ProcessHandle.of(service.pid()).orElseThrow().children().count();
    }

    private static void create(ServiceProcess service, String token, String name, int interval, String script) {
        api(service, token)
                .body(Map.of("name", name, "pollIntervalSeconds", interval, "script", script))
                .post("/api/v1/jobs")
                .then()
                .statusCode(201);
    }

    private static JsonPath runs(ServiceProcess service, String token, String job) {
        return api(service, token).get("/api/v1/jobs/" + job + "/runs?size=1").jsonPath();
    }

    private static RequestSpecification api(ServiceProcess service, String token) {
        return service.request(token);
    }
}
