package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever dies while changes are made: the chain verifies, and each change has its event. */
class AuditCrashIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KILLS = 2;
    private static final int WRITERS = 4;
    private static final int RARELY = 300;

    @TempDir
    Path folder;

    @Test
    void killed_while_changes_are_made_nothing_is_missing_from_the_trail() throws Exception {
        Path data = folder.resolve("data");
        ConcurrentLinkedQueue<String> answered = new ConcurrentLinkedQueue<>();
        String token = ServiceProcess.token(data, "alice", "superadmin");
        Random random = new Random();
        for (int round = 0; round <= KILLS; round++) {
            try (ServiceProcess service = ServiceProcess.startIn(data)) {
                if (round == 0) {
                    for (int writer = 0; writer < WRITERS; writer++) {
                        create(service, token, "job-" + writer);
                    }
                }
                AtomicBoolean stop = new AtomicBoolean();
                List<Thread> writers = new ArrayList<>();
                for (int writer = 0; writer < WRITERS; writer++) {
                    String job = "job-" + writer;
                    String prefix = round + "-" + writer + "-";
                    writers.add(Thread.ofVirtual().start(() -> write(service, token, job, prefix, stop, answered)));
                }
                int before = answered.size();
                int wanted = 30 + random.nextInt(100);
                await().atMost(PATIENCE).until(() -> answered.size() >= before + wanted);
                if (round < KILLS) {
                    service.kill();
                    if (round == 1) {
                        // And the database with it, which recovers from its log
                        ProcessHandle postmaster = service.postmaster().orElseThrow();
                        postmaster.destroyForcibly();
                        postmaster.onExit().join();
                    }
                }
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join();
                }
                if (round == KILLS) {
                    check(service, token, answered);
                }
            }
        }
    }

    private void check(ServiceProcess service, String token, ConcurrentLinkedQueue<String> answered) throws Exception {
        JsonPath verified = api(service, token).get("/audit/verify").jsonPath();
        assertThat(verified.<Object>get("firstFault")).isNull();
        assertThat(verified.getBoolean("intact")).isTrue();

        List<String> reasons = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            List<Map<String, Object>> revisions = all(service, token, "/jobs/job-" + writer + "/revisions", "revision");
            List<Map<String, Object>> events = all(service, token, "/jobs/job-" + writer + "/audit", "seq");
            // Each save has its event, and each event its save
            assertThat(events.stream().map(event -> event.get("reason")).toList())
                    .isEqualTo(revisions.stream()
                            .map(revision -> revision.get("reason"))
                            .toList());
            events.forEach(event -> reasons.add(String.valueOf(event.get("reason"))));
        }
        assertThat(reasons).containsAll(answered);
        assertThat(verified.getLong("events")).isEqualTo(reasons.size());

        Path export = folder.resolve("audit.ndjson");
        Files.write(export, api(service, token).get("/audit/export").asByteArray());
        assertThat(verify(export, service.data())).contains("Verified " + reasons.size() + " events");
        List<String> lines = Files.readAllLines(export);
        lines.set(10, lines.get(10).replace("\"actor\":\"alice\"", "\"actor\":\"mallory\""));
        Files.write(export, lines);
        assertThat(verify(export, service.data())).contains("First bad event: 11 (altered");
    }

    private static String verify(Path export, Path data) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of("asyncjobs").toAbsolutePath().toString(),
                        "audit",
                        "verify",
                        export.toString(),
                        "--data",
                        data.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("ASYNCJOBS_BUILD", "never");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(output.contains("First bad event") ? 1 : 0);
        return output;
    }

    private static List<Map<String, Object>> all(ServiceProcess service, String token, String path, String sort) {
        List<Map<String, Object>> all = new ArrayList<>();
        List<Map<String, Object>> page;
        int number = 0;
        do {
            page = api(service, token)
                    .queryParam("size", 500)
                    .queryParam("sort", sort)
                    .queryParam("page", number++)
                    .get(path)
                    .jsonPath()
                    .getList("items");
            all.addAll(page);
        } while (page.size() == 500);
        return all;
    }

    private static void write(
            ServiceProcess service,
            String token,
            String job,
            String prefix,
            AtomicBoolean stop,
            ConcurrentLinkedQueue<String> answered) {
        for (int i = 0; !stop.get(); i++) {
            try {
                String reason = prefix + i;
                Response response = api(service, token)
                        .header("If-Match", "*")
                        .body(Map.of("pollIntervalSeconds", 200 + i % 2, "reason", reason, "description", reason))
                        .patch("/jobs/{job}", job);
                if (response.statusCode() == 200) {
                    answered.add(reason);
                }
            } catch (Exception e) {
                // The service is gone, as it should be
                return;
            }
        }
    }

    private static void create(ServiceProcess service, String token, String name) {
        api(service, token)
                .body(Map.of("name", name, "pollIntervalSeconds", RARELY, "script", "return 1", "reason", "first"))
                .post("/jobs")
                .then()
                .statusCode(201);
    }

    private static RequestSpecification api(ServiceProcess service, String token) {
        return RestAssured.given()
                .baseUri(service.uri().toString())
                .basePath("/api/v1")
                .auth()
                .oauth2(token)
                .contentType(ContentType.JSON);
    }
}
