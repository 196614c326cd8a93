package io.asyncjobs.platform.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.smallrye.health.SmallRyeHealth;
import io.smallrye.health.SmallRyeHealthReporter;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Answers what asks for health within a second, whatever the node is busy with: before everything that may wait, and with what
 * was found last where the checks themselves take longer. Checks that are under way are not begun a second time.
 */
@Singleton
class HealthRoute {

    private static final Logger LOG = Logger.getLogger(HealthRoute.class);

    /** After {@link HttpLimits}, before authentication. */
    private static final int EARLY = 999_500;

    private static final Duration PATIENCE = Duration.ofMillis(700);

    /** So long an answer of before stands for one that does not come. */
    private static final long STALE_NANOS = Duration.ofSeconds(5).toNanos();

    private static final String ROOT = "/q/health";

    private static final byte[] SLOW = """
            {
                "status": "DOWN",
                "checks": [
                    {
                        "name": "Health checks end in time",
                        "status": "DOWN"
                    }
                ]
            }""".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    private record Found(boolean down, byte[] body, long nanoTime) {}

    /** One kind of health: its checks that are under way, and what was found last. */
    private static final class Kind {

        final Supplier<Uni<SmallRyeHealth>> checks;
        volatile @Nullable Found last;
        private @Nullable CompletableFuture<Found> underWay;

        Kind(Supplier<Uni<SmallRyeHealth>> checks) {
            this.checks = checks;
        }
    }

    private final SmallRyeHealthReporter reporter;
    private final Vertx vertx;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    HealthRoute(SmallRyeHealthReporter reporter, Vertx vertx) {
        this.reporter = reporter;
        this.vertx = vertx;
        kinds.put(ROOT, new Kind(reporter::getHealthAsync));
        kinds.put(ROOT + "/live", new Kind(reporter::getLivenessAsync));
        kinds.put(ROOT + "/ready", new Kind(reporter::getReadinessAsync));
        kinds.put(ROOT + "/started", new Kind(reporter::getStartupAsync));
    }

    void register(@Observes Filters filters) {
        filters.register(this::handle, EARLY);
    }

    private void handle(RoutingContext request) {
        HttpMethod method = request.request().method();
        Kind kind = kinds.get(request.normalizedPath());
        if (kind == null || !(method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))) {
            request.next();
            return;
        }
        Context context = vertx.getOrCreateContext();
        long timer = vertx.setTimer(PATIENCE.toMillis(), late -> send(request, recent(kind)));
        check(kind)
                .whenComplete((found, failure) -> context.runOnContext(now -> {
                    vertx.cancelTimer(timer);
                    send(request, found);
                }));
    }

    private CompletableFuture<Found> check(Kind kind) {
        CompletableFuture<Found> begun;
        synchronized (kind) {
            CompletableFuture<Found> already = kind.underWay;
            if (already != null && !already.isDone()) {
                return already;
            }
            begun = new CompletableFuture<>();
            kind.underWay = begun;
        }
        kind.checks
                .get()
                .subscribe()
                .with(
                        health -> {
                            Found found = found(health);
                            kind.last = found;
                            begun.complete(found);
                        },
                        failure -> {
                            LOG.error("Health cannot be checked", failure);
                            begun.complete(new Found(true, SLOW, System.nanoTime()));
                        });
        return begun;
    }

    private Found found(SmallRyeHealth health) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        reporter.reportHealth(body, health);
        return new Found(health.isDown(), body.toByteArray(), System.nanoTime());
    }

    private static Found recent(Kind kind) {
        Found last = kind.last;
        long now = System.nanoTime();
        return last != null && now - last.nanoTime() < STALE_NANOS ? last : new Found(true, SLOW, now);
    }

    private static void send(RoutingContext request, Found found) {
        if (request.response().ended()) {
            return;
        }
        request.response()
                .setStatusCode(found.down() ? 503 : 200)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json; charset=UTF-8")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        if (request.request().method().equals(HttpMethod.HEAD)) {
            request.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(found.body().length));
            request.response().end();
        } else {
            request.response().end(Buffer.buffer(found.body()));
        }
    }
}
