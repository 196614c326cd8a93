package io.asyncjobs.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.ServiceProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./asyncjobs compare} with two files, as a process: 0 equal, 2 different, 1 after an error. */
class CompareFilesIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String JOBS = """
            jobs:
              - name: close-queries
                parameters: {maxAgeDays: 1.10}
                script: |
                  return 1;
              - name: half
                archived: true
                script: return (
            """;

    @TempDir
    Path folder;

    @Test
    void two_exports_compare_as_their_services_do() throws Exception {
        try (ServiceProcess service = ServiceProcess.startIn(folder.resolve("data"))) {
            List<String> at = List.of(
                    "--url=" + service.uri(),
                    "--token-file="
                            + write("token", ServiceProcess.token(folder.resolve("data"), "ada", "superadmin")));
            succeeds(at, "apply", write("then.json", JSON.writeValueAsString(environmentBefore())));
            exportAll(at, "then");
            succeeds(at, "apply", write("now.json", JSON.writeValueAsString(environmentAfter())));
            exportAll(at, "now");
            String digests = succeeds(at, "fingerprint", "--output", "json");

            String here = write("digests", digests);

            for (String form : List.of("yaml", "json", "zip")) {
                String there = path("export-then." + form);
                JsonNode byService = differs(at, "compare", there, "--output", "json");
                assertThat(byService.path("jobs").findValuesAsText("status"))
                        .containsExactly("differs", "differs", "extra", "differs", "differs", "missing");
                assertThat(byService.path("jobs").findValues("invisible")).hasSize(3);
                assertThat(differs(List.of(), "compare", there, path("export-now." + form), "--output", "json"))
                        .isEqualTo(byService);
                JsonNode withDigests = differs(List.of(), "compare", there, here, "--output", "json");
                assertThat(withDigests.path("here")).isEqualTo(byService.path("here"));
                assertThat(withDigests.path("there")).isEqualTo(byService.path("there"));
                assertThat(withDigests.findValues("invisible")).isEmpty();
            }
            assertThat(succeeds(List.of(), "compare", path("export-now.zip"), here))
                    .startsWith("equal: ");
            assertThat(differs(at, "compare", path("export-then.yaml")).asText())
                    .isEqualTo(differs(List.of(), "compare", path("export-then.yaml"), path("export-now.yaml"))
                            .asText());
        }
    }

    @Test
    void same_jobs_are_equal_in_each_form_and_scripts_are_not_parsed() throws Exception {
        String yaml = write("jobs.yaml", JOBS);
        String json = write("jobs.json", """
                {"environment": "uat", "jobs": [{"name": "close-queries", "parameters": {"maxAgeDays": 1.10},
                 "script": "return 1;\\n"}, {"name": "unfinished", "script": "return (", "archived": true}]}
                """);
        Path whole = folder.resolve("whole");
        Files.createDirectories(whole.resolve("scripts"));
        String inFolder = JOBS.replace("script: |\n      return 1;", "scriptFile: scripts/close.js");
        Files.writeString(whole.resolve("jobs.yaml"), inFolder);
        Files.writeString(whole.resolve("scripts/close.js"), "return 1;\n");

        for (String other : List.of(json, whole.toString(), zip(inFolder, "return 1;\n"))) {
            ServiceProcess.Ended ended = ServiceProcess.command("compare", yaml, other);
            assertThat(ended.output()).startsWith("equal: ");
            assertThat(ended.exitCode()).isZero();
        }
        ServiceProcess.Ended ended =
                ServiceProcess.command("compare", yaml, zip(inFolder, "return 1;"), "--output=markdown");
        assertThat(ended.output()).contains("| `close-queries` | differs | script | final_newline |");
        assertThat(ended.exitCode()).isEqualTo(2);
    }

    @Test
    void what_is_wrong_with_a_file_is_told_with_its_place() throws Exception {
        String sound = write("sound.yaml", JOBS);
        fails(
                write("invalid.yaml", """
                        jobs:
                          - name: one
                            pollIntervalSeconds: 301
                            parameters: {days: soon}
                            parametersSchema: {properties: {days: {type: integer}}}
                            script: return 1
                          - name: two
                            limit: {}
                        """),
                sound,
                "asyncjobs: " + path("invalid.yaml") + " cannot be compared",
                path("invalid.yaml")
                        + ":3:26: jobs[0].pollIntervalSeconds must be a whole number from 1 to 300, was 301",
                path("invalid.yaml") + ":4:24: jobs[0].parameters.days must be of type integer, was string",
                path("invalid.yaml") + ":7:5: jobs[1].script is required, or scriptFile",
                path("invalid.yaml") + ":8:12: jobs[1].limit is not a field that is known here");
        fails(sound, write("malformed.yaml", "jobs:\n  - name: [\n"), path("malformed.yaml") + ":3:1: ");
        fails(sound, write("malformed.json", "{\"jobs\": [}"), path("malformed.json") + ":1:11: ");
        fails(
                sound,
                write("twice.json", "{\"jobs\": [{\"name\": \"a\", \"name\": \"b\", \"script\": \"1\"}]}"),
                path("twice.json") + ":1:20: jobs[0].name is given more than once");
        fails(
                sound,
                zip("jobs:\n  - name: a\n    scriptFile: none.js\n", ""),
                path("jobs.zip") + "/jobs.yaml:3:17: jobs[0].scriptFile names no file in the archive: 'none.js'");
        fails(sound, write("digests.json", "{\"fingerprint\": \"0\"}"), path("digests.json") + ": jobs is required");
        fails(sound, path("none.yaml"), "there is no file " + path("none.yaml"));
        fails(sound, write("empty.zip", ""), "The archive cannot be read");
    }

    private void exportAll(List<String> at, String name) throws Exception {
        for (String format : List.of("yaml", "json", "zip")) {
            succeeds(at, "export", "--format", format, "--to", path("export-" + name + "." + format));
        }
    }

    private static Map<String, Object> environmentBefore() {
        return Map.of(
                "accounts", List.of(Map.of("username", "edc-sync", "kind", "system")),
                "connections",
                        List.of(Map.of(
                                "name", "clinical-api", "http", Map.of("baseUrl", "https://clinical.example.com"))),
                "jobs",
                        List.of(
                                job("same", "return 0", Map.of("associatedUser", "edc-sync")),
                                job("ends", "const a = 1;\nreturn a;\n", Map.of()),
                                job("forms", "return 'caf\u00E9';", Map.of()),
                                job("bom", "return 1", Map.of()),
                                job("fields", "return 1", Map.of("parameters", Map.of("b", 1, "a", List.of(true)))),
                                job("gone", "return 1", Map.of()),
                                job("archived", "return 1", Map.of("archived", true))));
    }

    private static Map<String, Object> environmentAfter() {
        return Map.of(
                "prune",
                "archive",
                "jobs",
                List.of(
                        job("same", "return 0", Map.of("associatedUser", "EDC-sync")),
                        job("ends", "const a = 1; \r\nreturn\u00A0a;", Map.of()),
                        job("forms", "return 'cafe\u0301';", Map.of()),
                        job("bom", "\uFEFFreturn 1", Map.of()),
                        job(
                                "fields",
                                "return 2",
                                Map.of(
                                        "parameters", Map.of("a", List.of(), "b", 1),
                                        "limits", Map.of("hostCalls", 5),
                                        "description", "changed")),
                        job("extra", "return 1", Map.of("pollIntervalSeconds", 300))));
    }

    private static Map<String, Object> job(String name, String script, Map<String, Object> fields) {
        Map<String, Object> job = new TreeMap<>(fields);
        job.put("name", name);
        job.put("script", script);
        return job;
    }

    private static String succeeds(List<String> at, String... command) throws Exception {
        ServiceProcess.Ended ended = run(at, command);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        return ended.output();
    }

    /** What it prints, as JSON, or as a text that is none. */
    private static JsonNode differs(List<String> at, String... command) throws Exception {
        ServiceProcess.Ended ended = run(at, command);
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(2);
        return ended.output().startsWith("{")
                ? JSON.readTree(ended.output())
                : JSON.getNodeFactory().textNode(ended.output());
    }

    private static ServiceProcess.Ended run(List<String> at, String... command) throws Exception {
        List<String> whole = new ArrayList<>(List.of(command));
        whole.addAll(at);
        return ServiceProcess.command(whole.toArray(String[]::new));
    }

    private static void fails(String other, String own, String... says) throws Exception {
        ServiceProcess.Ended ended = ServiceProcess.command("compare", other, own);
        assertThat(ended.output()).contains(says).doesNotContain("Exception");
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(1);
    }

    private String zip(String manifest, String script) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("jobs.zip")))) {
            zip.putNextEntry(new ZipEntry("jobs.yaml"));
            zip.write(manifest.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("scripts/close.js"));
            zip.write(script.getBytes(StandardCharsets.UTF_8));
        }
        return path("jobs.zip");
    }

    private String write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }
}
