package io.asyncjobs.connection;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import io.asyncjobs.connection.http.HttpAnswer;
import io.asyncjobs.connection.http.HttpCall;
import io.asyncjobs.connection.http.HttpCalls;
import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.RawServer;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OAuth2 client credentials against servers of the test; {@code OAuth2IT} goes over a real provider. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class AccessTokensTest {

    private static final String SECRET = "s3cr3t of the client+1";
    private static final String ENCODED = "s3cr3t+of+the+client%2B1";

    @Inject
    HttpCalls calls;

    @Inject
    OpenConnections connections;

    @Inject
    TokenEndpoint endpoint;

    @Inject
    SharedTokens shared;

    @Inject
    Jdbi jdbi;

    private final AtomicInteger fetched = new AtomicInteger();
    private volatile int expiresIn = 300;
    private volatile String goodToken = "";
    private RawServer provider;
    private RawServer service;

    /** The provider counts its tokens; the service takes the last one only. */
    @BeforeEach
    void start() throws IOException {
        provider = RawServer.start((request, out) -> {
            goodToken = "opaque-token-" + fetched.incrementAndGet() + "-of-the-provider";
            answer(
                    out,
                    "200 OK",
                    "{\"access_token\":\"" + goodToken + "\",\"token_type\":\"bearer\",\"expires_in\":" + expiresIn
                            + "}");
        });
        service = RawServer.start((request, out) -> {
            boolean good = request.has("authorization: Bearer " + goodToken);
            answer(out, good ? "200 OK" : "401 Unauthorized", "{\"good\":" + good + "}");
        });
    }

    @AfterEach
    void stop() throws IOException {
        provider.close();
        service.close();
    }

    @Test
    void token_is_fetched_once_for_all_calls_of_all_nodes() throws Exception {
        String name = save(Map.of("scope", "visits:read", "audience", "clinical"));
        OpenConnection<HttpSettings> open = connections.http(name);
        List<AccessTokens> nodes = List.of(new AccessTokens(endpoint, shared), new AccessTokens(endpoint, shared));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> asking = nodes.stream()
                    .flatMap(node -> java.util.stream.IntStream.range(0, 10)
                            .<Callable<String>>mapToObj(call -> () -> node.token(open, null, deadline())))
                    .toList();
            for (Future<String> token : threads.invokeAll(asking)) {
                assertThat(token.get()).isEqualTo("opaque-token-1-of-the-provider");
            }
        }

        assertThat(get(name).status()).isEqualTo(200);

        assertThat(provider.requests()).hasSize(1);
        RawServer.Request request = provider.requests().getFirst();
        String pair = Base64.getEncoder().encodeToString(("client%3A1:" + ENCODED).getBytes(StandardCharsets.UTF_8));
        assertThat(request.has("authorization: Basic " + pair)).isTrue();
        assertThat(request.line()).isEqualTo("POST /token HTTP/1.1");
        assertThat(request.body()).isEqualTo("grant_type=client_credentials&scope=visits%3Aread&audience=clinical");
        byte[] sealed = jdbi.withHandle(
                handle -> handle.createQuery("select sealed from connection_token where connection = :id")
                        .bind("id", open.id())
                        .mapTo(byte[].class)
                        .one());
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("opaque-token");
    }

    @Test
    void client_can_stand_in_the_body() throws Exception {
        assertThat(get(save(Map.of("clientAuthentication", "body"))).status()).isEqualTo(200);

        RawServer.Request request = provider.requests().getFirst();
        assertThat(request.names("authorization")).isFalse();
        assertThat(request.body())
                .isEqualTo("grant_type=client_credentials&client_id=client%3A1&client_secret=" + ENCODED);
    }

    @Test
    void token_that_the_service_refuses_is_renewed_once() throws Exception {
        String name = save(Map.of());
        assertThat(get(name).status()).isEqualTo(200);

        goodToken = "revoked";
        assertThat(get(name).status()).isEqualTo(200);
        assertThat(fetched).hasValue(2);
        assertThat(service.requests()).hasSize(3);
        assertThat(get(name).status()).isEqualTo(200);
        assertThat(fetched).hasValue(2);

        try (RawServer never = RawServer.start((request, out) -> answer(out, "401 Unauthorized", "{}"))) {
            String other = save(never, provider.url() + "/token", Map.of());
            assertThat(get(other).status()).isEqualTo(401);
            assertThat(never.requests()).hasSize(2);
        }
    }

    @Test
    void token_is_renewed_before_it_expires() throws Exception {
        expiresIn = 1;
        String name = save(Map.of());
        get(name);

        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(get(name).status()).isEqualTo(200);
            assertThat(fetched).hasValueGreaterThan(1);
        });
        assertThat(service.requests()).allMatch(request -> request.names("authorization"));
    }

    @Test
    void failure_names_the_endpoint_and_its_reason_but_not_the_secret() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (RawServer refusing = RawServer.start((request, out) -> {
            asked.incrementAndGet();
            answer(
                    out,
                    "401 Unauthorized",
                    "{\"error\":\"invalid_client\",\"error_description\":\"Not known: " + SECRET + " " + "x".repeat(500)
                            + "\"}");
        })) {
            String name = save(service, refusing.url() + "/token", Map.of());
            assertFails(name, refusing.url() + "/token answered 401 (invalid_client: Not known: ••• xxx");
            assertFails(name, "invalid_client");
            assertThat(asked).hasValue(1);
        }
        String closed;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = "http://127.0.0.1:" + free.getLocalPort() + "/token";
        }
        assertFails(save(service, closed, Map.of()), closed + " could not be reached");
        for (String body : List.of("no json", "{}", "{\"access_token\":\"a b\\u00e4\"}", "[]")) {
            try (RawServer odd = RawServer.start((request, out) -> answer(out, "200 OK", body))) {
                assertFails(save(service, odd.url(), Map.of()), "answered without an access_token");
            }
        }
        try (RawServer large =
                RawServer.start((request, out) -> answer(out, "200 OK", "\"" + "x".repeat(70_000) + "\""))) {
            assertFails(save(service, large.url(), Map.of()), "no whole answer of at most 65536 bytes");
        }
        try (RawServer redirecting = RawServer.answering(
                "HTTP/1.1 302 Found\r\nLocation: " + service.url() + "/\r\nContent-Length: 0\r\n\r\n")) {
            assertFails(save(service, redirecting.url(), Map.of()), "answered 302");
        }
        assertThat(service.requests()).isEmpty();
    }

    @Test
    void settings_are_checked_and_the_secret_stays_with_its_token_url() {
        String name = save(Map.of());

        api().get("/connections/{name}", name)
                .then()
                .body("http.authentication.clientAuthentication", equalTo("basic"))
                .body("hasSecret", equalTo(true));
        Map<String, Object> moved = authentication("https://elsewhere.example.com/token", Map.of());
        api().header("If-Match", "*")
                .body(Map.of("http", Map.of("baseUrl", service.url(), "authentication", moved)))
                .put("/connections/{name}", name)
                .then()
                .statusCode(422)
                .body("violations.field", hasItems("secret"));
        api().body(Map.of(
                        "secret",
                        SECRET,
                        "http",
                        Map.of(
                                "baseUrl",
                                service.url(),
                                "authentication",
                                Map.of(
                                        "type",
                                        "oauth2_client_credentials",
                                        "tokenUrl",
                                        "ftp://x/",
                                        "username",
                                        "ada"))))
                .put("/connections/{name}", unique("bad"))
                .then()
                .statusCode(422)
                .body(
                        "violations.field",
                        hasItems(
                                "http.authentication.tokenUrl",
                                "http.authentication.clientId",
                                "http.authentication.username"));
    }

    private void assertFails(String connection, String words) {
        assertThatThrownBy(() -> get(connection))
                .isInstanceOfSatisfying(ConnectionCallException.class, failure -> assertThat(failure.fields())
                        .containsEntry("code", "token"))
                .hasMessageStartingWith("http: " + connection + " was not called: it got no access token; ")
                .hasMessageContaining(words)
                .message()
                .hasSizeLessThan(500)
                .doesNotContain(SECRET, "Exception", "java.");
    }

    private HttpAnswer get(String connection) throws InterruptedException {
        try (ByteBudget.Hold memory = ByteBudget.unlimited().hold()) {
            return calls.call(
                    calls.open(connection, new Masking()),
                    new HttpCall(connection, "GET", "/visits", Map.of(), null, "ada"),
                    memory,
                    System.nanoTime() + Duration.ofSeconds(30).toNanos(),
                    () -> {});
        }
    }

    private static CallDeadline deadline() {
        return CallDeadline.of(
                30_000, System.nanoTime() + Duration.ofSeconds(30).toNanos());
    }

    private String save(Map<String, Object> more) {
        return save(service, provider.url() + "/token", more);
    }

    private static String save(RawServer service, String tokenUrl, Map<String, Object> more) {
        String name = unique("oauth2");
        api().body(Map.of(
                        "http",
                        Map.of("baseUrl", service.url(), "authentication", authentication(tokenUrl, more)),
                        "secret",
                        SECRET))
                .put("/connections/{name}", name)
                .then()
                .statusCode(201);
        return name;
    }

    private static Map<String, Object> authentication(String tokenUrl, Map<String, Object> more) {
        Map<String, Object> authentication = new HashMap<>(
                Map.of("type", "oauth2_client_credentials", "tokenUrl", tokenUrl, "clientId", "client:1"));
        authentication.putAll(more);
        return authentication;
    }

    private static void answer(java.io.OutputStream out, String status, String body) throws IOException {
        out.write(("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.UTF_8));
    }
}
