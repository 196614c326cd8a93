package io.asyncjobs.audit;

import static io.asyncjobs.testsupport.Api.createJob;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.RawServer;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are sent to another machine, which is not always there. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class CheckpointsTest {

    private static final String TOKEN = "hunter2";
    private static final String RECEIVED = "204 No Content";

    @Inject
    Jdbi jdbi;

    @Inject
    AuditChain chain;

    @Inject
    AuditSeals seals;

    @Inject
    DatabaseClock clock;

    @TempDir
    Path folder;

    private final AtomicReference<String> answer = new AtomicReference<>(RECEIVED);
    private final Logger logger = Logger.getLogger(Checkpoints.class.getName());
    private final Lines log = new Lines();
    private RawServer server;

    @BeforeEach
    void begin() throws IOException {
        server = RawServer.start((request, out) -> out.write(
                ("HTTP/1.1 " + answer.get() + "\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
        logger.addHandler(log);
        createJob(300, "return 1");
    }

    @AfterEach
    void end() throws IOException {
        logger.removeHandler(log);
        server.close();
    }

    @Test
    void signed_note_is_sent_when_the_trail_has_grown() throws IOException {
        Checkpoints checkpoints = to(server.url());
        checkpoints.now();
        checkpoints.now();
        assertThat(server.requests()).hasSize(1);
        createJob(300, "return 1");
        checkpoints.now();
        checkpoints.stop();

        List<RawServer.Request> requests = server.requests();
        assertThat(requests).hasSize(2);
        assertThat(requests.getFirst().line()).isEqualTo("POST /checkpoints?token=" + TOKEN + " HTTP/1.1");
        assertThat(requests.getFirst().has("content-type: application/json")).isTrue();
        Checkpoint first = Checkpoint.parse(requests.getFirst().body());
        Checkpoint second = Checkpoint.parse(requests.getLast().body());
        assertThat(first.isSignedBy(seals)).isTrue();
        assertThat(second.isSignedBy(seals)).isTrue();
        assertThat(second.count()).isGreaterThan(first.count());
        assertThat(log.lines).isEmpty();
    }

    @Test
    void refused_one_is_sent_again_and_the_file_is_written_all_the_same() throws IOException {
        answer.set("500 Internal Server Error");
        Checkpoints checkpoints = to(server.url());
        checkpoints.now();
        checkpoints.now();
        assertThat(server.requests()).hasSize(2);
        assertThat(written()).hasSize(1);

        answer.set(RECEIVED);
        checkpoints.now();
        checkpoints.now();
        checkpoints.stop();

        assertThat(server.requests()).hasSize(3);
        assertThat(Checkpoint.parse(server.requests().getLast().body()).count())
                .isGreaterThanOrEqualTo(written().getLast().count());
        assertThat(log.lines)
                .singleElement()
                .asString()
                .contains("trying again", "500")
                .doesNotContain(TOKEN);
    }

    @Test
    void address_where_nobody_listens_is_tried_again_and_told_of_without_its_secrets() throws IOException {
        server.close();
        Checkpoints checkpoints = to(server.url());
        checkpoints.now();
        checkpoints.now();
        checkpoints.stop();

        assertThat(written()).hasSize(1);
        assertThat(Files.readString(folder.resolve("checkpoints.ndjson"))).hasLineCount(1);
        assertThat(log.lines)
                .singleElement()
                .asString()
                .contains("trying again")
                .doesNotContain(TOKEN);
    }

    @Test
    void address_that_is_none_is_told_of_without_its_secrets() {
        Checkpoints checkpoints = to("ftp://127.0.0.1");
        checkpoints.now();
        checkpoints.stop();

        assertThat(log.lines)
                .singleElement()
                .asString()
                .contains("trying again")
                .doesNotContain(TOKEN);
    }

    private List<Checkpoint> written() throws IOException {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("checkpoints.ndjson"))) {
            checkpoints.add(Checkpoint.parse(line));
        }
        return checkpoints;
    }

    private Checkpoints to(String server) {
        return new Checkpoints(jdbi, chain, seals, clock, new AuditConfig() {
            @Override
            public Optional<List<String>> keys() {
                return Optional.empty();
            }

            @Override
            public Optional<String> primaryKey() {
                return Optional.empty();
            }

            @Override
            public boolean reasonRequired() {
                return false;
            }

            @Override
            public Checkpoint checkpoint() {
                return new Checkpoint() {
                    @Override
                    public Optional<Path> file() {
                        return Optional.of(folder.resolve("checkpoints.ndjson"));
                    }

                    @Override
                    public Optional<URI> url() {
                        return Optional.of(URI.create(server + "/checkpoints?token=" + TOKEN));
                    }

                    @Override
                    public Duration every() {
                        return Duration.ofMinutes(1);
                    }
                };
            }
        });
    }

    /** What is logged, as it would be printed, stack traces and all. */
    private static final class Lines extends Handler {

        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final PatternFormatter format = new PatternFormatter("%s%e");

        @Override
        public void publish(LogRecord record) {
            lines.add(format.format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
