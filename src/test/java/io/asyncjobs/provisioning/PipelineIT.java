package io.asyncjobs.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.testsupport.RawServer;
import io.asyncjobs.testsupport.ServiceProcess;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts of examples/ci, as its pipelines run them, against real services. */
class PipelineIT {

    private static final Path EXAMPLE = Path.of("examples/ci").toAbsolutePath();
    private static final int LONGEST_COMMENT = 65_536;
    private static final String REFUSED = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    private static final String CREATED = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

    @TempDir
    Path folder;

    /** A service, and the token of its pipeline. */
    private record Environment(ServiceProcess service, String token) {

        String token(String user) throws IOException, InterruptedException {
            return ServiceProcess.token(service.data(), user, "superadmin");
        }
    }

    @Test
    void manifest_goes_from_dev_to_uat_after_somebody_else_has_approved_it() throws Exception {
        try (ServiceProcess first = start("dev", "false");
                ServiceProcess second = start("uat", "true")) {
            Environment dev = environment(first);
            Environment uat = environment(second);
            fill(dev);
            assertThat(script(dev, "export.sh", "dev.yaml").exitCode()).isZero();

            String hash = planned(uat);
            refusedBeforeTheApproval(uat, hash);
            approve(uat, hash);
            refusedWithAnotherByte(uat, hash);

            ServiceProcess.Ended applied = script(uat, "apply.sh", "dev.yaml");
            assertThat(applied.exitCode()).as(applied.output()).isZero();
            assertThat(applied.output()).contains("Applied the plan " + hash);
            assertThat(script(uat, "apply.sh", "dev.yaml").exitCode())
                    .as("applied again")
                    .isZero();
            equal(dev, uat);
            differentAfterAChangeByHand(uat);
        }
    }

    @Test
    void mistake_in_a_manifest_fails_the_plan_and_says_where() throws Exception {
        Files.writeString(folder.resolve("bad.yaml"), "jobs:\n- name: a\n  script: return 1 +\n");
        try (ServiceProcess service = start("uat", "false")) {
            Environment uat = environment(service);

            for (List<String> call : List.of(
                    List.of("plan.sh", "bad.yaml", "plan.md", "comment.md"),
                    List.of("apply.sh", "bad.yaml"),
                    List.of("compare.sh", "bad.yaml"))) {
                ServiceProcess.Ended ended = script(uat, call.toArray(String[]::new));
                assertThat(ended.exitCode()).as(ended.output()).isEqualTo(1);
                assertThat(ended.output()).contains("bad.yaml:3:");
            }
            Environment stranger = new Environment(service, "not-a-token");
            assertThat(script(stranger, "plan.sh", "bad.yaml", "plan.md", "comment.md"))
                    .satisfies(ended -> assertThat(ended.exitCode()).isEqualTo(1), ended -> assertThat(ended.output())
                            .contains("401"));
        }
    }

    @Test
    void plan_that_is_too_long_for_a_comment_is_cut_between_lines() throws Exception {
        String script = IntStream.range(0, 200)
                .mapToObj(line -> "      // Line %d of a script: %s".formatted(line, "é".repeat(40)))
                .collect(Collectors.joining("\n"));
        Files.writeString(
                folder.resolve("long.yaml"),
                IntStream.range(0, 20)
                        .mapToObj(job -> "  - name: long-%02d\n    script: |\n%s\n".formatted(job, script))
                        .collect(Collectors.joining("", "jobs:\n", "")));
        try (ServiceProcess service = start("uat", "false")) {
            ServiceProcess.Ended ended = script(environment(service), "plan.sh", "long.yaml", "plan.md", "comment.md");
            assertThat(ended.exitCode()).as(ended.output()).isZero();
        }

        List<String> plan = Files.readAllLines(folder.resolve("plan.md"));
        List<String> comment = Files.readAllLines(folder.resolve("comment.md"));
        assertThat(String.join("\n", plan)).hasSizeGreaterThan(LONGEST_COMMENT).contains("long-19");
        assertThat(String.join("\n", comment)).hasSizeLessThan(LONGEST_COMMENT).contains("too long for a comment");
        assertThat(comment.getLast()).isEqualTo(plan.getLast()).startsWith("Plan `");
        assertThat(comment.stream().filter(line -> line.startsWith("```")).count() % 2)
                .as("each block is closed")
                .isZero();
    }

    @Test
    void comment_is_posted_to_gitlab_with_a_token_that_nobody_sees() throws Exception {
        String text = "### Plan for `uat`: 1 to create\n\n| a & b | 100 % |\n\n```diff\n+é\n```\n";
        Files.writeString(folder.resolve("comment.md"), text);
        try (RawServer gitlab = RawServer.answering(CREATED);
                RawServer refusing = RawServer.answering(REFUSED)) {
            ServiceProcess.Ended posted = postNote(gitlab);
            ServiceProcess.Ended refused = postNote(refusing);

            assertThat(posted.exitCode()).as(posted.output()).isZero();
            assertThat(gitlab.requests()).singleElement().satisfies(request -> {
                assertThat(request.line()).startsWith("POST /api/v4/projects/12/merge_requests/7/notes ");
                assertThat(request.has("PRIVATE-TOKEN: note-token")).isTrue();
                assertThat(URLDecoder.decode(request.body(), StandardCharsets.UTF_8))
                        .isEqualTo("body=" + text);
            });
            assertThat(refused.exitCode()).as(refused.output()).isEqualTo(1);
            assertThat(refused.output()).contains("403", "GITLAB_NOTE_TOKEN");
        }
    }

    /** The jobs of the example, and one whose script is exact to the byte. */
    private void fill(Environment dev) throws Exception {
        ServiceProcess.Ended applied =
                script(dev, "apply.sh", EXAMPLE.resolve("manifest").toString());
        assertThat(applied.exitCode()).as(applied.output()).isZero();
        dev.service()
                .api(dev.token())
                .body(Map.of("name", "exact", "pollIntervalSeconds", 300, "script", "\uFEFF// é \r\nreturn 1;\r\n\t"))
                .post("/jobs")
                .then()
                .statusCode(201);
    }

    /** As a merge request does; returns the plan's hash. */
    private String planned(Environment uat) throws Exception {
        ServiceProcess.Ended planned = script(uat, "plan.sh", "dev.yaml", "plan.md", "comment.md");

        assertThat(planned.exitCode()).as(planned.output()).isZero();
        assertThat(planned.output()).contains("Changes are pending");
        String plan = Files.readString(folder.resolve("plan.md"));
        assertThat(plan)
                .startsWith("### Plan for `uat`: 5 to create")
                .contains(
                        "#### create account `edc-sync`",
                        "#### create connection `clinical-api`",
                        "#### create job `count-open-queries`",
                        "#### create job `find-silent-sites`",
                        "#### create job `exact`",
                        "+// Counts the open queries of each site.");
        assertThat(folder.resolve("comment.md")).hasContent(plan);
        String last = plan.lines().reduce((line, next) -> next).orElseThrow();
        assertThat(last).matches("Plan `[0-9a-f]{64}`");
        return last.substring("Plan `".length(), last.length() - 1);
    }

    private void refusedBeforeTheApproval(Environment uat, String hash) throws Exception {
        ServiceProcess.Ended refused = script(uat, "apply.sh", "dev.yaml");

        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(2);
        assertThat(refused.output())
                .contains("nobody has approved " + hash)
                .contains(uat.service().uri() + "/api/v1/provisioning/plans/" + hash + "/approve")
                .contains("Then run this job again.");
        hasNoJobs(uat);
    }

    private static void approve(Environment uat, String hash) throws Exception {
        String path = "/provisioning/plans/" + hash + "/approve";
        uat.service()
                .api(uat.token())
                .body(Map.of("reason", "mine"))
                .post(path)
                .then()
                .statusCode(409)
                .body("type", endsWith("#own-plan"));
        uat.service()
                .api(uat.token("bob"))
                .body(Map.of("reason", "read with the study team"))
                .post(path)
                .then()
                .statusCode(200)
                .body("state", equalTo("approved"));
    }

    private void refusedWithAnotherByte(Environment uat, String hash) throws Exception {
        String manifest = Files.readString(folder.resolve("dev.yaml"));
        Files.writeString(folder.resolve("changed.yaml"), manifest.replace("// Counts the", "// Counts tho"));

        ServiceProcess.Ended refused = script(uat, "apply.sh", "changed.yaml", hash);

        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(2);
        assertThat(refused.output())
                .contains("is not the one that was planned", "+// Counts tho", "The plan is now")
                .containsPattern("(?m)^  plan (?!" + hash + ")[0-9a-f]{64}$");
        hasNoJobs(uat);
    }

    private void equal(Environment dev, Environment uat) throws Exception {
        ServiceProcess.Ended compared = script(uat, "compare.sh", "dev.yaml");

        assertThat(compared.exitCode()).as(compared.output()).isZero();
        assertThat(compared.output()).startsWith("equal: ");
        for (String type : List.of("application/yaml", "application/json", "application/zip")) {
            assertThat(export(uat, type)).as(type).isEqualTo(export(dev, type));
        }
    }

    private void differentAfterAChangeByHand(Environment uat) throws Exception {
        String script = Files.readString(EXAMPLE.resolve("manifest/scripts/find-silent-sites.js"));
        uat.service()
                .api(uat.token("bob"))
                .header("If-Match", "*")
                .contentType("text/javascript")
                .body(script.replace("'/sites'", "'/sitez'").getBytes(StandardCharsets.UTF_8))
                .put("/jobs/find-silent-sites/script")
                .then()
                .statusCode(200);

        ServiceProcess.Ended compared = script(uat, "compare.sh", "dev.yaml");

        assertThat(compared.exitCode()).as(compared.output()).isEqualTo(2);
        assertThat(compared.output().lines().filter(line -> line.startsWith("differs ")))
                .containsExactly("differs find-silent-sites script");
    }

    private static byte[] export(Environment environment, String type) {
        return environment
                .service()
                .api(environment.token())
                .accept(type)
                .get("/provisioning/export")
                .then()
                .statusCode(200)
                .extract()
                .asByteArray();
    }

    private static void hasNoJobs(Environment environment) {
        environment.service().api(environment.token()).get("/jobs").then().body("total", equalTo(0));
    }

    private ServiceProcess start(String name, String approvalRequired) throws IOException {
        return ServiceProcess.startIn(
                folder.resolve(name + "-data"),
                Map.of(
                        "ASYNCJOBS_ENVIRONMENT_NAME",
                        name,
                        "ASYNCJOBS_PROVISIONING_APPROVAL_REQUIRED",
                        approvalRequired));
    }

    private static Environment environment(ServiceProcess service) throws IOException, InterruptedException {
        return new Environment(service, ServiceProcess.token(service.data(), "ci", "superadmin"));
    }

    /** Runs a script as a job of a pipeline does. */
    private ServiceProcess.Ended script(Environment environment, String... call)
            throws IOException, InterruptedException {
        return run(
                Map.of(
                        "ASYNCJOBS", Path.of("asyncjobs").toAbsolutePath().toString(),
                        "ASYNCJOBS_BUILD", "never",
                        "ASYNCJOBS_URL", environment.service().uri().toString(),
                        "ASYNCJOBS_TOKEN", environment.token()),
                environment.token(),
                call);
    }

    private ServiceProcess.Ended postNote(RawServer gitlab) throws IOException, InterruptedException {
        return run(
                Map.of(
                        "CI_API_V4_URL", gitlab.url() + "/api/v4",
                        "CI_PROJECT_ID", "12",
                        "CI_MERGE_REQUEST_IID", "7",
                        "GITLAB_NOTE_TOKEN", "note-token"),
                "note-token",
                "comment-gitlab.sh",
                "comment.md");
    }

    /** Nothing that it prints has the token. */
    private ServiceProcess.Ended run(Map<String, String> environment, String token, String... call)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(call));
        command.set(0, EXAMPLE.resolve(call[0]).toString());
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = process.waitFor();
        assertThat(output).doesNotContain(token);
        return new ServiceProcess.Ended(exitCode, output);
    }
}
