package io.asyncjobs.platform.http;

import io.asyncjobs.platform.problem.Problem;
import io.asyncjobs.platform.problem.ProblemKind;
import io.asyncjobs.platform.problem.ProblemRoutes;
import io.asyncjobs.platform.problem.Problems;
import io.quarkus.arc.Arc;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests in as the node has room for them. Whoever may not call is turned away before; here the body is read, without
 * a thread that waits for it, within a deadline and a budget of bytes, and then the request waits for its turn. What there is
 * no room for is answered at once with 503 and {@code Retry-After}.
 */
@Singleton
public class FrontDoor {

    /** After authentication and authorization, before everything that serves. */
    private static final int ADMITTED = 50;

    /** Before {@link HttpLimits}, which may answer. */
    private static final int FIRST = 1_000_001;

    /** A body up to this size is read without waiting for room. */
    private static final int SMALL = 64 * 1024;

    /** A body of that size is as much work as a request without one. */
    private static final int UNIT = 96 * 1024;

    private static final int MOST_UNITS = 12;

    private static final String VISIT = "asyncjobs.visit";

    private static final String ARRIVAL = "asyncjobs.arrival";

    private static final String ASSETS = "/assets/";

    private final HttpConfig limits;
    private final Vertx vertx;
    private final ProblemRoutes routes;
    private final ClientConnections connections;
    private final CurrentVertxRequest current;
    private final Places requests;
    private final Places bodyBytes;
    private final Readers readers;
    /** Of those who need not have signed in. */
    private final Readers strangers;

    private final Places strangersBytes;

    FrontDoor(
            HttpConfig limits,
            Vertx vertx,
            ProblemRoutes routes,
            ClientConnections connections,
            CurrentVertxRequest current) {
        this.limits = limits;
        this.vertx = vertx;
        this.routes = routes;
        this.connections = connections;
        this.current = current;
        this.requests = new Places(limits.maxRequests(), limits.maxRequestsWaiting());
        this.bodyBytes = new Places(limits.maxBodyBytesHeld(), limits.maxRequestsWaiting());
        this.readers = new Readers(limits.maxBodiesRead(), System::nanoTime);
        this.strangers = new Readers(Math.max(1, limits.maxBodiesRead() / 8), System::nanoTime);
        this.strangersBytes = new Places(
                Math.max(HttpLimits.MAX_BODY, limits.maxBodyBytesHeld() / 4), limits.maxRequestsWaiting() / 8);
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
        if (!hasBody(request.request())) {
            then.accept(Buffer.buffer());
        } else if (connections.holdTooMuch()) {
            refuse(request, busy(request, "Answers that clients do not take fill its memory"));
        } else {
            Reading reading = new Reading(request, then);
            // Authentication may have answered on a thread of its own
            reading.context.runOnContext(now -> reading.begin());
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
        if (hasBody(request.request())) {
            // Until it is known whether it will be read
            request.put(ARRIVAL, new Arrival(request, vertx.getOrCreateContext()));
        }
        request.next();
    }

    private void admit(RoutingContext request) {
        if (request.normalizedPath().startsWith(ASSETS)) {
            request.next();
        } else if (connections.holdTooMuch()) {
            refuse(request, busy(request, "Answers that clients do not take fill its memory"));
        } else if (hasBody(request.request())) {
            new Reading(request, null).begin();
        } else {
            new Visit(request, 0).begin();
        }
    }

    private void refuse(RoutingContext request, Problem problem) {
        if (hasBody(request.request())) {
            ProblemRoutes.closeAfterAnswer(request);
        }
        routes.send(request, problem);
    }

    private static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
                || (length != null && !length.strip().equals("0"));
    }

    private static Problem busy(RoutingContext request, String why) {
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
        private Places.@Nullable Ticket body;
        private Places.@Nullable Ticket place;
        private long timer = -1;
        private boolean ended;
        private volatile boolean served;

        Visit(RoutingContext request, int bodySize) {
            this.request = request;
            this.bodySize = bodySize;
        }

        Visit with(Places.@Nullable Ticket bytes) {
            body = bytes;
            return this;
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
        private final @Nullable Consumer<Buffer> then;
        private final Readers all;
        private final Places places;
        private final int most;
        private final long declared;
        private final Buffer body = Buffer.buffer();
        private Places.@Nullable Ticket bytes;
        private long timer = -1;
        private boolean ended;

        /**
         * One that is read.
         *
         * @param then what goes on with it; null where it is served
         */
        Reading(RoutingContext request, @Nullable Consumer<Buffer> then) {
            this.request = request;
            this.then = then;
            arrival = Objects.requireNonNull(request.get(ARRIVAL), "a body arrives before it is read");
            context = arrival.context;
            boolean stranger = !(request.user() instanceof QuarkusHttpUser user
                    && !user.getSecurityIdentity().isAnonymous());
            all = stranger ? strangers : readers;
            places = stranger ? strangersBytes : bodyBytes;
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
            Optional<Places.Ticket> asked = places.ask(
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
                fail(busy(request, "too many requests are being read"));
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
                        fail(busy(request, "too many requests are being read"));
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
            if (then != null) {
                request.addEndHandler(done -> {
                    if (held != null) {
                        held.release();
                    }
                });
                then.accept(body);
                return;
            }
            ((RoutingContextInternal) request).setBody(body);
            new Visit(request, body.length()).with(held).begin();
        }

        private void deadline(Duration after, Runnable late) {
            vertx.cancelTimer(timer);
            timer = vertx.setTimer(after.toMillis(), passed -> late.run());
        }

        private void noRoom() {
            fail(busy(request, "other requests with large bodies fill its memory"));
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

    /** Bodies that are being read, the first to begin first. Thread-safe. */
    static final class Readers {

        /** One body. */
        interface Reader {
            /** Gives up its place, to which it has no right any more. */
            void evict();
        }

        /** So long nobody takes a reader's place. */
        private static final long FAIR_NANOS = Duration.ofSeconds(1).toNanos();

        private record Since(Reader reader, long nanoTime) {}

        private final int most;
        private final LongSupplier clock;
        private final Set<Since> all = new LinkedHashSet<>();

        Readers(int most, LongSupplier clock) {
            this.most = most;
            this.clock = clock;
        }

        /** Whether there is a place for one more; the one that has taken longest may have to make it. */
        boolean add(Reader reader) {
            Reader evicted = null;
            synchronized (this) {
                long now = clock.getAsLong();
                if (all.size() >= most) {
                    Iterator<Since> eldest = all.iterator();
                    Since first = eldest.next();
                    if (now - first.nanoTime() < FAIR_NANOS) {
                        return false;
                    }
                    eldest.remove();
                    evicted = first.reader();
                }
                all.add(new Since(reader, now));
            }
            if (evicted != null) {
                evicted.evict();
            }
            return true;
        }

        synchronized void remove(Reader reader) {
            all.removeIf(since -> since.reader() == reader);
        }

        synchronized int count() {
            return all.size();
        }
    }
}
