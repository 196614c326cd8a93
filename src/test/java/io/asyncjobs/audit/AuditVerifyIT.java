package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.testsupport.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./asyncjobs audit verify}: what it says and its exit codes, 0 intact, 1 not intact, 2 misused. */
class AuditVerifyIT {

    private static final int EVENTS = 5;

    @TempDir
    Path folder;

    private final String key = KeyRing.newKey("k1");
    private final AuditSeals seals = AuditSeals.of(List.of(key), Optional.empty());
    private final List<String> lines = new ArrayList<>();
    private String export = "";
    private String keys = "";
    private String checkpoints = "";
    private String data = "";

    @BeforeEach
    void begin() throws IOException {
        String previous = AuditSeals.GENESIS;
        for (int seq = 1; seq <= EVENTS; seq++) {
            AuditRecord event = new AuditRecord(
                    UUID.randomUUID(),
                    Instant.parse("2026-01-31T12:00:00Z"),
                    "ada",
                    null,
                    "api",
                    "job",
                    "1",
                    null,
                    "update",
                    null,
                    "{\"revision\":" + seq + "}",
                    null,
                    null,
                    null,
                    "k1");
            String seal = seals.seal(event).orElseThrow();
            String hash = seals.hash("k1", seq, previous, seal).orElseThrow();
            lines.add(ExportLine.of(new LinkedEvent(seq, event, seal, previous, hash)));
            previous = hash;
        }
        export = write("trail.ndjson", lines);
        keys = write("keys", List.of(key));
        checkpoints = write(
                "noted.ndjson",
                List.of(Checkpoint.of(seals, Instant.EPOCH, EVENTS, previous).json()));
        data = Files.createDirectory(folder.resolve("data")).toString();
    }

    @Test
    void intact_export_ends_with_0() throws Exception {
        verify(0, "Verified 5 events", export, "--keys", keys, "--data", data);
        verify(0, "The 1 checkpoints agree", export, "--keys=" + keys, "--checkpoints=" + checkpoints);
    }

    @Test
    void whatever_is_wrong_with_the_export_ends_with_1_and_the_first_bad_event() throws Exception {
        String altered = write("altered", with(2, lines.get(2).replace("\"ada\"", "\"eve\"")));
        verify(1, "First bad event: 3 (altered", altered, "--keys", keys);
        verify(1, "First bad event: 3 (altered", altered, "--keys", keys, "--partial");
        String part = write("part", List.of(lines.get(1), lines.get(3)));
        verify(1, "First bad event: 1 (missing", part, "--keys", keys);
        verify(0, "whether one is missing cannot be told", part, "--keys", keys, "--partial");
        String cut = write("cut", lines.subList(0, 4));
        verify(0, "a cut tail would not show", cut, "--keys", keys);
        verify(1, "First bad event: 5 (cut", cut, "--keys", keys, "--checkpoints", checkpoints);
        verify(1, "(unreadable", write("broken", with(0, "{")), "--keys", keys);
        String others = write("others", List.of(KeyRing.newKey("k2")));
        verify(1, "names the key 'k1', which is not known here", export, "--keys", others);
    }

    @Test
    void keys_and_checkpoints_of_the_data_folder_serve_where_none_are_named() throws Exception {
        verify(2, "There are no keys: name their file with --keys", export, "--data", data);
        write("data/audit.key", List.of(key));
        verify(0, "No checkpoints were given", export, "--data", data);
        Files.copy(Path.of(checkpoints), folder.resolve("data/audit-checkpoints.ndjson"));
        verify(0, "The 1 checkpoints agree", export, "--data", data);
    }

    @Test
    void misuse_ends_with_2() throws Exception {
        verify(2, "wants the file of an export", "--keys", keys);
        verify(2, "There is no option '--key'", export, "--key", keys);
        verify(
                2,
                "There is no file " + folder.resolve("none"),
                folder.resolve("none").toString(),
                "--keys",
                keys);
        verify(
                2,
                "There is no file " + folder.resolve("none"),
                export,
                "--keys",
                folder.resolve("none").toString());
        verify(
                2,
                "There is no file " + folder.resolve("none"),
                export,
                "--keys",
                keys,
                "--checkpoints",
                folder.resolve("none").toString());
        verify(2, "must hold keys as id:key", export, "--keys", export);
        verify(2, "There are no keys in", export, "--keys", write("empty", List.of()));
        verify(1, "A checkpoint has no field seq", export, "--keys", keys, "--checkpoints", export);
    }

    @Test
    void help_ends_with_0() throws Exception {
        verify(0, "Usage: asyncjobs audit verify", "--help");
        verify(2, "Try 'asyncjobs audit --help'", export, "--key", keys);
    }

    private static void verify(int exitCode, String says, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("audit", "verify"));
        command.addAll(List.of(arguments));
        ServiceProcess.Ended ended = ServiceProcess.command(command.toArray(String[]::new));
        assertThat(ended.output()).contains(says).doesNotContain("Exception");
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(exitCode);
    }

    private List<String> with(int index, String line) {
        List<String> altered = new ArrayList<>(lines);
        altered.set(index, line);
        return altered;
    }

    private String write(String name, List<String> content) throws IOException {
        return Files.write(folder.resolve(name), content).toString();
    }
}
