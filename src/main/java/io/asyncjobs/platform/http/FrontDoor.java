package io.asyncjobs.platform.http;

import io.asyncjobs.platform.problem.Problem;
import io.asyncjobs.platform.problem.ProblemKind;
import io.asyncjobs.platform.problem.ProblemRoutes;
import io.asyncjobs.platform.problem.Problems;
import io.quarkus.arc.Arc;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests in as the node has room for them. Whoever may not call is turned away before; here the body is read
 * ({@link RequestBodies}), and then the request waits for its turn. What there is no room for is answered at once with 503
 * and {@code Retry-After}.
 */
@Singleton
public class FrontDoor {

    /** After authentication and authorization, before everything that serves. */
    private static final int ADMITTED = 50;

    /** Before {@link HttpLimits}, which may answer. */
    private static final int FIRST = 1_000_001;

    /** A body of that size is as much work as a request without one. */
    private static final int UNIT = 96 * 1024;

    private static final int MOST_UNITS = 12;

    private static final String VISIT = "asyncjobs.visit";

    private static final String ASSETS = "/assets/";

    private final HttpConfig limits;
    private final Vertx vertx;
    private final ProblemRoutes routes;
    private final ClientConnections connections;
    private final CurrentVertxRequest current;
    private final Places requests;
    private final RequestBodies bodies;

    FrontDoor(
            HttpConfig limits,
            Vertx vertx,
            ProblemRoutes routes,
            ClientConnections connections,
            CurrentVertxRequest current,
            RequestBodies bodies) {
        this.limits = limits;
        this.vertx = vertx;
        this.routes = routes;
        this.connections = connections;
        this.current = current;
        this.requests = new Places(limits.maxRequests(), limits.maxRequestsWaiting());
        this.bodies = bodies;
    }

    void register(@Observes Filters filters) {
        filters.register(this::arrive, FIRST);
        filters.register(this::admit, ADMITTED);
    }

    /**
     * The present request goes on, but waits for something else than a thread, perhaps for minutes: others may take its
     * place. Does nothing outside a request.
     */
    public void leaveEarly() {
        if (Arc.container().requestContext().isActive() && current.getCurrent() != null) {
            leave(current.getCurrent());
        }
    }

    /**
     * Reads what somebody sent without a valid token, within the bounds for strangers, and goes on with it.
     *
     * @param then is called on the request's event loop, at once where there is no body; not where the body cannot be had,
     *     which is answered here
     */
    void read(RoutingContext request, Consumer<Buffer> then) {
        if (!RequestBodies.has(request.request())) {
            then.accept(Buffer.buffer());
        } else if (connections.holdTooMuch()) {
            refuse(request, busy(request, "Answers that clients do not take fill its memory"));
        } else {
            bodies.read(request, (body, held) -> {
                request.addEndHandler(done -> {
                    if (held != null) {
                        held.release();
                    }
                });
                then.accept(body);
            });
        }
    }

    /** The request is served by a thread, which goes on even if the client goes away: only {@link #leave} ends its visit. */
    static void served(RoutingContext request) {
        if (request.get(VISIT) instanceof Visit visit) {
            visit.served = true;
        }
    }

    /** The request's work is done. */
    static void leave(RoutingContext request) {
        if (request.get(VISIT) instanceof Visit visit) {
            visit.leave();
        }
    }

    private void arrive(RoutingContext request) {
        connections.began(request.request()).ifPresent(client -> request.addEndHandler(ended -> client.requestEnded()));
        bodies.arrive(request);
        request.next();
    }

    private void admit(RoutingContext request) {
        if (request.normalizedPath().startsWith(ASSETS)) {
            request.next();
        } else if (connections.holdTooMuch()) {
            refuse(request, busy(request, "Answers that clients do not take fill its memory"));
        } else if (RequestBodies.has(request.request())) {
            bodies.read(request, (body, held) -> {
                ((RoutingContextInternal) request).setBody(body);
                new Visit(request, body.length(), held).begin();
            });
        } else {
            new Visit(request, 0, null).begin();
        }
    }

    private void refuse(RoutingContext request, Problem problem) {
        if (RequestBodies.has(request.request())) {
            ProblemRoutes.closeAfterAnswer(request);
        }
        routes.send(request, problem);
    }

    static Problem busy(RoutingContext request, String why) {
        return Problem.of(
                ProblemKind.UNAVAILABLE,
                "This node has too much to do: " + why + ". Try again in a moment.",
                Problems.instance(request));
    }

    /** A request from its admission to its answer. */
    private final class Visit {

        private final RoutingContext request;
        private final int bodySize;
        private final Context context = vertx.getOrCreateContext();
        private final Places.@Nullable Ticket body;
        private Places.@Nullable Ticket place;
        private long timer = -1;
        private boolean ended;
        private volatile boolean served;

        Visit(RoutingContext request, int bodySize, Places.@Nullable Ticket body) {
            this.request = request;
            this.bodySize = bodySize;
            this.body = body;
        }

        void begin() {
            request.addEndHandler(done -> end());
            int units = Math.min(1 + bodySize / UNIT, MOST_UNITS);
            Optional<Places.Ticket> asked = requests.ask(units, () -> context.runOnContext(now -> goOn()));
            if (asked.isEmpty()) {
                routes.send(request, busy(request, "too many requests wait already"));
                return;
            }
            place = asked.get();
            timer = vertx.setTimer(limits.waitTimeout().toMillis(), late -> {
                if (asked.get().giveUp()) {
                    routes.send(request, busy(request, "other requests keep it busy"));
                }
            });
        }

        private void goOn() {
            vertx.cancelTimer(timer);
            if (ended) {
                leave();
                return;
            }
            request.put(VISIT, this);
            // From then on the answer is there, or comes piece by piece within bounds of its own
            request.addHeadersEndHandler(head -> leave());
            request.next();
        }

        private void end() {
            ended = true;
            vertx.cancelTimer(timer);
            if (body != null) {
                body.release();
            }
            if (!served) {
                leave();
            }
        }

        void leave() {
            if (place != null) {
                place.release();
            }
        }
    }
}
