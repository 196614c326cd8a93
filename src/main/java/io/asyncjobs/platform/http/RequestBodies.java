package io.asyncjobs.platform.http;

import io.asyncjobs.platform.problem.Problem;
import io.asyncjobs.platform.problem.ProblemKind;
import io.asyncjobs.platform.problem.ProblemRoutes;
import io.asyncjobs.platform.problem.Problems;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bodies of requests, without a thread that waits for them, within a deadline and a budget of bytes. Those who
 * need not have signed in have a small budget of their own.
 */
@Singleton
class RequestBodies {

    /** A body up to this size is read without waiting for room. */
    private static final int SMALL = 64 * 1024;

    private static final String ARRIVAL = "asyncjobs.arrival";

    /** What goes on with a body. */
    interface Then {
        /**
         * Is called on the request's event loop.
         *
         * @param held bytes of the budget, which the callee releases; null for a small body
         */
        void goOn(Buffer body, Places.@Nullable Ticket held);
    }

    private final HttpConfig limits;
    private final Vertx vertx;
    private final ProblemRoutes routes;
    private final Places bytes;
    private final Readers readers;
    private final Places strangersBytes;
    private final Readers strangers;

    RequestBodies(HttpConfig limits, Vertx vertx, ProblemRoutes routes) {
        this.limits = limits;
        this.vertx = vertx;
        this.routes = routes;
        this.bytes = new Places(limits.maxBodyBytesHeld(), limits.maxRequestsWaiting());
        this.readers = new Readers(limits.maxBodiesRead(), System::nanoTime);
        this.strangersBytes = new Places(
                Math.max(HttpLimits.MAX_BODY, limits.maxBodyBytesHeld() / 4), limits.maxRequestsWaiting() / 8);
        this.strangers = new Readers(Math.max(1, limits.maxBodiesRead() / 8), System::nanoTime);
    }

    static boolean has(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
                || (length != null && !length.strip().equals("0"));
    }

    /** Holds a body back until it is known whether it will be read. */
    void arrive(RoutingContext request) {
        if (has(request.request())) {
            request.put(ARRIVAL, new Arrival(request, vertx.getOrCreateContext()));
        }
    }

    /** Reads a body that arrived. One that cannot be had is answered here. */
    void read(RoutingContext request, Then then) {
        Reading reading = new Reading(request, then);
        // Authentication may have answered on a thread of its own
        reading.context.runOnContext(now -> reading.begin());
    }

    /** A body that waits to be read. */
    private static final class Arrival {

        private final Context context;
        private final Buffer held = Buffer.buffer();

        Arrival(RoutingContext request, Context context) {
            this.context = context;
            HttpServerRequest body = request.request();
            body.pause();
            if (SentForms.isRead(request)) {
                // Quarkus lets the body of a request without a valid token go on before anybody reads it
                body.handler(piece -> {
                    body.pause();
                    held.appendBuffer(piece);
                });
            }
        }
    }

    /** A body while it is read. */
    private final class Reading implements Readers.Reader {

        private final RoutingContext request;
        private final Arrival arrival;
        private final Context context;
        private final Then then;
        private final Readers all;
        private final Places budget;
        private final int most;
        private final long declared;
        private final Buffer body = Buffer.buffer();
        private Places.@Nullable Ticket bytes;
        private long timer = -1;
        private boolean ended;

        Reading(RoutingContext request, Then then) {
            this.request = request;
            this.then = then;
            arrival = Objects.requireNonNull(request.get(ARRIVAL), "a body arrives before it is read");
            context = arrival.context;
            boolean stranger = !(request.user() instanceof QuarkusHttpUser user
                    && !user.getSecurityIdentity().isAnonymous());
            all = stranger ? strangers : readers;
            budget = stranger ? strangersBytes : RequestBodies.this.bytes;
            // A form that was filled goes by way of signing in
            most = !stranger || SentForms.isOfAPage(request) ? HttpLimits.MAX_BODY : SMALL;
            String length = request.request().getHeader(HttpHeaders.CONTENT_LENGTH);
            declared = length == null ? -1 : Long.parseLong(length.strip());
        }

        void begin() {
            request.addEndHandler(done -> forget());
            if (declared > most) {
                fail(tooLarge());
            } else if (declared > SMALL) {
                waitForRoom((int) declared, this::read);
            } else {
                read();
            }
        }

        private void waitForRoom(int size, Runnable then) {
            deadline(limits.waitTimeout(), this::noRoom);
            Optional<Places.Ticket> asked = budget.ask(
                    size,
                    () -> context.runOnContext(now -> {
                        if (!ended) {
                            then.run();
                        }
                    }));
            if (asked.isEmpty()) {
                noRoom();
            } else if (ended) {
                asked.get().release();
            } else {
                bytes = asked.get();
            }
        }

        private void read() {
            if (!all.add(this)) {
                fail(FrontDoor.busy(request, "too many requests are being read"));
                return;
            }
            deadline(limits.bodyTimeout(), this::tooSlow);
            if ("100-continue".equalsIgnoreCase(request.request().getHeader("Expect"))) {
                request.response().writeContinue();
            }
            request.request().exceptionHandler(gone -> forget());
            request.request().handler(this::take).endHandler(whole -> complete());
            take(arrival.held);
            request.request().resume();
        }

        private void take(Buffer more) {
            if (ended) {
                return;
            }
            if (body.length() + more.length() > most) {
                fail(tooLarge());
                return;
            }
            boolean grown = body.length() + more.length() > SMALL && bytes == null;
            body.appendBuffer(more);
            if (grown) {
                // It did not say before how large it is
                request.request().pause();
                all.remove(this);
                waitForRoom(most, () -> {
                    if (all.add(this)) {
                        deadline(limits.bodyTimeout(), this::tooSlow);
                        request.request().resume();
                    } else {
                        fail(FrontDoor.busy(request, "too many requests are being read"));
                    }
                });
            }
        }

        private void complete() {
            if (ended) {
                return;
            }
            Places.Ticket held = bytes;
            bytes = null;
            forget();
            if (held != null) {
                held.shrink(body.length());
            }
            then.goOn(body, held);
        }

        private void deadline(Duration after, Runnable late) {
            vertx.cancelTimer(timer);
            timer = vertx.setTimer(after.toMillis(), passed -> late.run());
        }

        private void noRoom() {
            fail(FrontDoor.busy(request, "other requests with large bodies fill its memory"));
        }

        private void tooSlow() {
            fail(Problem.of(
                    ProblemKind.TOO_SLOW,
                    "The body did not arrive within the time there is, %d seconds at most."
                            .formatted(limits.bodyTimeout().toSeconds()),
                    Problems.instance(request)));
        }

        private Problem tooLarge() {
            String detail = most == HttpLimits.MAX_BODY
                    ? HttpLimits.bodyTooLarge()
                    : "The body may be at most %d bytes without a valid token.".formatted(most);
            return Problem.of(ProblemKind.TOO_LARGE, detail, Problems.instance(request));
        }

        /** Another one takes its place. */
        @Override
        public void evict() {
            context.runOnContext(now -> tooSlow());
        }

        private void fail(Problem problem) {
            if (ended) {
                return;
            }
            forget();
            ProblemRoutes.closeAfterAnswer(request);
            routes.send(request, problem);
        }

        private void forget() {
            ended = true;
            vertx.cancelTimer(timer);
            all.remove(this);
            if (bytes != null) {
                bytes.release();
                bytes = null;
            }
        }
    }
}
