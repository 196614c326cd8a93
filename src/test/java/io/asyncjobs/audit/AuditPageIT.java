package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.Cookbook;
import io.asyncjobs.testsupport.RawServer;
import io.asyncjobs.testsupport.ServiceProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of docs/audit.md, and what an inspector can tell from the export that they make. */
class AuditPageIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    /** One step as the export tells it. */
    private record Step(String who, String what, String why, String old, String fresh) {}

    @Test
    void life_of_a_job_can_be_told_from_its_export_alone() throws Exception {
        Path data = folder.resolve("data");
        Path work = folder.resolve("work");
        Instant begun = Instant.now();
        try (RawServer clinic = RawServer.answering("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
                ServiceProcess service =
                        ServiceProcess.startIn(data, Map.of("ASYNCJOBS_AUDIT_CHECKPOINT_EVERY", "100ms"))) {
            Cookbook.of(Path.of("docs/audit.md"))
                    .follow(
                            service,
                            work,
                            Map.of(
                                    "http://127.0.0.1:9000",
                                    clinic.url(),
                                    "data/audit",
                                    data.resolve("audit").toString()));
            assertThat(clinic.requests()).singleElement().satisfies(request -> assertThat(request.line())
                    .startsWith("POST /queries/771/close"));
        }

        List<JsonNode> events = new ArrayList<>();
        for (String line : Files.readAllLines(work.resolve("audit.ndjson"))) {
            events.add(JSON.readTree(line));
        }
        String first = md5("return 'to be written'");
        String second = md5(JSON.readTree(work.resolve("change.json").toFile())
                .path("script")
                .textValue());
        List<JsonNode> life =
                events.stream().filter(event -> event.path("jobId").isTextual()).toList();
        assertThat(life.stream().map(AuditPageIT::step).toList())
                .containsExactly(
                        new Step("ada", "create job", "CR-118: queries stay open", "", "{\"maxAgeDays\":30}"),
                        new Step(
                                "ada",
                                "pause job",
                                "CR-118: not before the training",
                                "null",
                                "CR-118: not before the training"),
                        new Step("ben", "update job", "CR-118: closes what is stale", first, second),
                        new Step(
                                "ben",
                                "update job",
                                "CR-131: site 12 answers late",
                                "{\"maxAgeDays\":30}",
                                "{\"maxAgeDays\":45}"),
                        new Step("ben", "run job", "CR-131: try it", "", ""),
                        new Step("edc-sync", "http.post connection", "", "", "/queries/771/close"),
                        new Step("edc-sync", "close query", "older than 45 days", "open", "closed"),
                        new Step(
                                "ada",
                                "revert job",
                                "CR-133: site 12 is quick again",
                                "{\"maxAgeDays\":45}",
                                "{\"maxAgeDays\":30}"),
                        new Step(
                                "ada",
                                "resume job",
                                "CR-118: the training is over",
                                "CR-118: not before the training",
                                "null"),
                        new Step("ada", "archive job", "CR-140: done by the product now", "false", "true"),
                        new Step("ben", "delete job", "CR-140: tidied up", "{\"maxAgeDays\":30}", ""));
        assertThat(events.stream().map(event -> event.path("seq").asInt()).toList())
                .isEqualTo(IntStream.rangeClosed(1, events.size()).boxed().toList());
        assertThat(life.stream().map(event -> event.path("jobId").textValue())).containsOnly(id(life.getFirst()));
        assertThat(life.stream().map(event -> event.path("runId").textValue()).filter(Objects::nonNull))
                .hasSize(3)
                .containsOnly(life.get(4).path("runId").textValue());
        assertThat(life.stream().map(event -> Instant.parse(event.path("at").textValue())))
                .isSorted()
                .allSatisfy(at -> assertThat(at)
                        .isBetween(begun.minusSeconds(5), Instant.now().plusSeconds(5)));
    }

    private static String id(JsonNode event) {
        return event.path("entityId").textValue();
    }

    private static Step step(JsonNode event) {
        return new Step(
                event.path("actor").textValue(),
                event.path("action").textValue() + " "
                        + event.path("entityType").textValue(),
                event.path("reason").asText(""),
                value(event.path("before")),
                value(event.path("after")));
    }

    /** The one field that the step is about. */
    private static String value(JsonNode side) {
        return Stream.of("/parameters", "/script/md5", "/pause/reason", "/pause", "/archived", "/status", "/path")
                .map(side::at)
                .filter(value -> !value.isMissingNode())
                .findFirst()
                .map(value -> value.isTextual() ? value.textValue() : value.toString())
                .orElse("");
    }

    private static String md5(String text) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
