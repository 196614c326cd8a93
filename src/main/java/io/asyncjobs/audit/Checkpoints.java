package io.asyncjobs.audit;

import io.asyncjobs.platform.DatabaseClock;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Notes now and then, outside the database, how far the trail has come: to this node's file and to an HTTP address, where
 * they are configured. Looks first whether the trail still holds what the last note says.
 */
@Singleton
class Checkpoints {

    private static final Logger LOG = Logger.getLogger(Checkpoints.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Jdbi jdbi;
    private final AuditChain chain;
    private final AuditSeals seals;
    private final DatabaseClock clock;
    private final Optional<Path> file;
    private final Optional<URI> url;
    private final Optional<HttpClient> http;
    private long sentCount;
    private boolean failing;

    Checkpoints(Jdbi jdbi, AuditChain chain, AuditSeals seals, DatabaseClock clock, AuditConfig config) {
        this.jdbi = jdbi;
        this.chain = chain;
        this.seals = seals;
        this.clock = clock;
        this.file = config.checkpoint().file();
        this.url = config.checkpoint().url();
        this.http = url.map(
                address -> HttpClient.newBuilder().connectTimeout(PATIENCE).build());
    }

    @Scheduled(
            every = "${asyncjobs.audit.checkpoint.every:1m}",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void now() {
        if (file.isEmpty() && url.isEmpty()) {
            return;
        }
        try {
            make();
            failing = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                LOG.errorf(e, "No checkpoint of the audit trail can be made; trying again");
                failing = true;
            }
        }
    }

    @PreDestroy
    void stop() {
        http.ifPresent(HttpClient::shutdownNow);
    }

    /** This node's checkpoints; none where no file is configured or written yet. */
    List<Checkpoint> known() {
        try {
            return file.isPresent() ? read(file.get()) : List.of();
        } catch (IOException e) {
            throw new IllegalStateException("The checkpoints in " + file.orElseThrow() + " cannot be read", e);
        }
    }

    /** The checkpoints of a file; none where there is no such file. A last line that a crash cut off does not count. */
    static List<Checkpoint> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = Files.readString(file);
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
            if (!line.isBlank()) {
                checkpoints.add(Checkpoint.parse(line));
            }
        }
        return checkpoints;
    }

    synchronized void make() throws IOException, InterruptedException {
        chain.catchUp();
        AuditChain.Head head = jdbi.withHandle(AuditChain::head);
        Checkpoint fresh = Checkpoint.of(seals, clock.now(), head.seq(), head.hash());
        if (file.isPresent()) {
            List<Checkpoint> known = known();
            Optional<Checkpoint> last = known.isEmpty() ? Optional.empty() : Optional.of(known.getLast());
            if (last.isPresent() && !holds(last.get())) {
                // Nothing is noted after it, so that the loss stays to be seen
                throw new IllegalStateException(
                        "The audit trail does not hold the " + last.get().count() + " events any more that it had at "
                                + last.get().at());
            }
            if (head.seq() > last.map(Checkpoint::count).orElse(0L)) {
                append(file.get(), fresh.json() + "\n");
            }
        }
        if (url.isPresent() && http.isPresent() && head.seq() > sentCount) {
            send(http.get(), url.get(), fresh);
            sentCount = head.seq();
        }
    }

    private boolean holds(Checkpoint checkpoint) {
        return jdbi.withHandle(handle -> handle.createQuery("select hash from audit_event where seq = :seq")
                        .bind("seq", checkpoint.count())
                        .mapTo(String.class)
                        .findOne())
                .filter(checkpoint.hash()::equals)
                .isPresent();
    }

    private static void append(Path file, String line) throws IOException {
        String text = Files.exists(file) ? Files.readString(file) : "";
        String start = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            channel.write(StandardCharsets.UTF_8.encode(start + line));
            channel.force(true);
        }
    }

    private static void send(HttpClient http, URI address, Checkpoint checkpoint)
            throws IOException, InterruptedException {
        HttpResponse<Void> answer = http.send(
                HttpRequest.newBuilder(address)
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(checkpoint.json()))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("The checkpoint was answered with the status " + answer.statusCode());
        }
    }
}
