package io.asyncjobs.audit;

import io.asyncjobs.platform.DatabaseClock;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
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
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(3);

    private final Jdbi jdbi;
    private final AuditChain chain;
    private final AuditSeals seals;
    private final DatabaseClock clock;
    private final Optional<Path> path;
    private final Optional<CheckpointFile> file;
    private final Optional<URI> url;
    private final Optional<HttpClient> http;
    private long sentCount;
    private volatile boolean failing;
    private volatile boolean stopped;

    Checkpoints(Jdbi jdbi, AuditChain chain, AuditSeals seals, DatabaseClock clock, AuditConfig config) {
        this.jdbi = jdbi;
        this.chain = chain;
        this.seals = seals;
        this.clock = clock;
        this.path = config.checkpoint().file();
        this.file = path.map(CheckpointFile::new);
        this.url = config.checkpoint().url();
        this.http = url.map(
                address -> HttpClient.newBuilder().connectTimeout(PATIENCE).build());
        warning().ifPresent(LOG::warn);
    }

    @Scheduled(
            every = "${asyncjobs.audit.checkpoint.every:1m}",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void now() {
        if (stopped || (file.isEmpty() && url.isEmpty())) {
            return;
        }
        try {
            make();
            failing = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            if (!failing && !stopped) {
                LOG.errorf(e, "No checkpoint of the audit trail can be made; trying again");
            }
            failing = true;
        }
    }

    /** When the runs of this node have ended: what they left is counted too. A database that is away delays nobody. */
    void last(@Observes @Priority(Interceptor.Priority.APPLICATION + 900) ShutdownEvent event)
            throws InterruptedException {
        Thread making = Thread.ofPlatform().name("last-checkpoint").daemon().start(this::now);
        making.join(LAST_PATIENCE);
        stopped = true;
    }

    @PreDestroy
    void stop() {
        http.ifPresent(HttpClient::shutdownNow);
    }

    /** What an administrator should know of this node's checkpoints. */
    Optional<String> warning() {
        return file.isEmpty() && url.isEmpty()
                ? Optional.of(
                        "No target for checkpoints of the audit trail is configured: once every node has restarted, a"
                                + " tail that was cut off does not show. Set ASYNCJOBS_AUDIT_CHECKPOINT_FILE or"
                                + " ASYNCJOBS_AUDIT_CHECKPOINT_URL")
                : Optional.empty();
    }

    /** Whether the last one could not be made. */
    boolean isFailing() {
        return failing;
    }

    /** This node's checkpoints; none where no file is configured or written yet. To be closed. */
    KnownCheckpoints known() {
        if (path.isEmpty()) {
            return KnownCheckpoints.of(List.of(), seals);
        }
        try {
            return KnownCheckpoints.in(path.get(), seals);
        } catch (IOException e) {
            throw new UncheckedIOException("The checkpoints in " + path.get() + " cannot be read", e);
        }
    }

    synchronized void make() throws IOException, InterruptedException {
        chain.catchUp();
        AuditChain.Head head = chain.seen().look(jdbi);
        Checkpoint fresh = Checkpoint.of(seals, clock.now(), head.seq(), head.hash());
        if (file.isPresent()) {
            Optional<Checkpoint> last = file.get().last();
            if (last.isPresent() && !holds(last.get())) {
                // Nothing is noted after it, so that the loss stays to be seen
                throw new IllegalStateException(
                        "The audit trail does not hold the " + last.get().count() + " events any more that it had at "
                                + last.get().at());
            }
            if (head.seq() > last.map(Checkpoint::count).orElse(0L)) {
                file.get().append(fresh);
            }
            file.get().thinWhenLarge();
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
