package io.asyncjobs.connection.http;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.RawServer;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class HttpCallsTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    private static final String SECRET = "s3cr3t-token";

    private static final String USER = "edc-sync";

    @Inject
    HttpCalls calls;

    @Test
    void user_token_says_for_whom_the_call_is_and_opens_nothing_else() throws Exception {
        try (RawServer server = RawServer.answering("HTTP/1.1 204 No Content\r\n\r\n")) {
            String name = save(
                    Map.of(
                            "baseUrl",
                            server.url(),
                            "authentication",
                            Map.of("type", "user_token", "audience", "clinical-api")),
                    null);

            get(name, "/");

            String header = server.requests().getFirst().headers().stream()
                    .filter(line -> line.startsWith("authorization: Bearer "))
                    .findFirst()
                    .orElseThrow();
            String token = header.substring("authorization: Bearer ".length());
            JwtClaims claims = new JwtConsumerBuilder()
                    .setVerificationKey(Tokens.publicKey())
                    .setExpectedIssuer("async-job-manager")
                    .setExpectedAudience("clinical-api")
                    .setExpectedSubject(USER)
                    .setRequireExpirationTime()
                    .setRequireJwtId()
                    .build()
                    .processToClaims(token);
            assertThat(claims.getExpirationTime().getValue()
                            - claims.getIssuedAt().getValue())
                    .isEqualTo(60);
            assertThat(claims.getClaimNames()).doesNotContain("groups");
            RestAssured.given().auth().oauth2(token).get("/api/v1/jobs").then().statusCode(401);
        }
    }

    @Test
    void call_is_carried_out_with_what_the_connection_adds() throws Exception {
        try (RawServer server = RawServer.answering(
                "HTTP/1.1 201 Created\r\nContent-Type: application/json; charset=utf-8\r\nX-Two: a\r\nX-Two: b\r\n"
                        + "Set-Cookie: session=1\r\nContent-Length: 11\r\n\r\n{\"id\": \"7\"}")) {
            String name = save(
                    Map.of(
                            "baseUrl", server.url() + "/api/",
                            "headers", Map.of("X-Study", "S1"),
                            "authentication", Map.of("type", "bearer")),
                    SECRET);

            HttpAnswer answer = call(
                    new HttpCall(name, "POST", "/queries?status=open", Map.of("X-Mine", "yes"), "{\"a\": \"é\"}", USER),
                    in(10));

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.body()).isEqualTo("{\"id\": \"7\"}");
            assertThat(answer.base64()).isFalse();
            assertThat(answer.headers())
                    .containsEntry("content-type", "application/json; charset=utf-8")
                    .containsEntry("x-two", "a, b")
                    .doesNotContainKey("set-cookie");
            RawServer.Request request = server.requests().getFirst();
            assertThat(request.line()).isEqualTo("POST /api/queries?status=open HTTP/1.1");
            assertThat(request.body()).isEqualTo("{\"a\": \"é\"}");
            assertThat(request.has("authorization: Bearer " + SECRET)).isTrue();
            assertThat(request.has("x-study: S1")).isTrue();
            assertThat(request.has("x-mine: yes")).isTrue();
            assertThat(request.has("content-type: application/json")).isTrue();
            assertThat(request.has("accept-encoding: identity")).isTrue();
            assertThat(request.names("upgrade")).isFalse();
        }
    }

    @Test
    void each_kind_of_authentication_sends_its_header() throws Exception {
        try (RawServer server = RawServer.answering(OK + "Content-Length: 2\r\n\r\n{}")) {
            String basic = save(
                    Map.of("baseUrl", server.url(), "authentication", Map.of("type", "basic", "username", "ada")),
                    "pä:ss");
            String header = save(
                    Map.of("baseUrl", server.url(), "authentication", Map.of("type", "header", "header", "X-Api-Key")),
                    SECRET);
            String none = save(Map.of("baseUrl", server.url()), null);

            get(basic, "");
            get(header, "?a=b");
            get(none, "/");

            String pair = Base64.getEncoder().encodeToString("ada:pä:ss".getBytes(StandardCharsets.UTF_8));
            assertThat(server.requests().get(0).has("authorization: Basic " + pair))
                    .isTrue();
            assertThat(server.requests().get(1).has("x-api-key: " + SECRET)).isTrue();
            assertThat(server.requests().get(1).names("authorization")).isFalse();
            assertThat(server.requests().get(1).line()).isEqualTo("GET /?a=b HTTP/1.1");
            assertThat(server.requests().get(2).names("authorization")).isFalse();
        }
    }

    @Test
    void error_statuses_are_answers() throws Exception {
        for (int status : List.of(204, 304, 400, 401, 404, 500, 503)) {
            try (RawServer server = RawServer.answering(
                    "HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) {
                assertThat(get(save(Map.of("baseUrl", server.url()), null), "/").status())
                        .isEqualTo(status);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "queries",
                "//evil.example.com/",
                "http://evil.example.com/",
                "@evil.example.com/",
                ":80@evil.example.com/",
                ".evil.example.com/",
                "/..",
                "/../other",
                "/a/../../other",
                "/a/..",
                "/./a",
                "/%2e%2e/other",
                "/%2E./other",
                "/.%2e/other",
                "/%252e%252e/other",
                "/%25252e%25252e%2fother",
                "/a%2f..%2f..%2fother",
                "/a/..%5c..%5cother",
                "/..;/other",
                "/..;x=1/other",
                "/..%3bx/other",
                "/%c0%ae%c0%ae/other",
                "/a%00",
                "/a%0d%0aX:%20y",
                "/a%250d",
                "/a\\..\\b",
                "/a\r\nX: y",
                "/a b",
                "/a#b",
                "/ä",
                "/%",
                "/%zz",
                "/?a=b c",
                "/?a=\r\nX: y",
                "/<script>",
                "/{id}",
            })
    void path_that_leads_elsewhere_is_refused(String path) throws Exception {
        try (RawServer server = RawServer.answering(OK + "Content-Length: 2\r\n\r\n{}")) {
            String name = save(Map.of("baseUrl", server.url() + "/api"), null);

            assertFails(name, path, "was not called: the path");

            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/a%2Fb, /api/a%2Fb",
        "/a..b/...c, /api/a..b/...c",
        "/x;v=1, /api/x;v=1",
        "/?q=..%2F..&r=%0A, /api/?q=..%2F..&r=%0A",
        "/x?a[b]=c&d=http://e/, /api/x?a[b]=c&d=http://e/",
        "'', /api",
        "?x=1, /api?x=1",
        "/a//b, /api/a//b",
        "/100%25, /api/100%25",
    })
    void path_that_stays_is_sent_as_it_is(String path, String sent) throws Exception {
        try (RawServer server = RawServer.answering(OK + "Content-Length: 2\r\n\r\n{}")) {
            get(save(Map.of("baseUrl", server.url() + "/api"), null), path);

            assertThat(server.requests().getFirst().line()).isEqualTo("GET " + sent + " HTTP/1.1");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "HOST",
                "Content-Length",
                "Transfer-Encoding",
                "Connection",
                "Authorization",
                "Cookie",
                "Proxy-Authorization",
                "Proxy-X",
                "Upgrade",
                "Expect",
                "TE",
                "X-Forwarded-For",
                "Accept-Encoding",
                "X-HTTP-Method-Override",
                "x-api-key",
                "x-study",
                "",
                "a b",
                "a:b",
                "a\r\nb",
                "ä",
                "Sec-Fetch-Mode",
            })
    void header_that_is_not_the_scripts_is_refused(String header) throws Exception {
        try (RawServer server = RawServer.answering(OK + "Content-Length: 2\r\n\r\n{}")) {
            String name = save(
                    Map.of(
                            "baseUrl",
                            server.url(),
                            "headers",
                            Map.of("X-Study", "S1"),
                            "authentication",
                            Map.of("type", "header", "header", "X-Api-Key")),
                    SECRET);

            assertThatThrownBy(() -> call(new HttpCall(name, "GET", "/", Map.of(header, "x"), null, USER), in(5)))
                    .isInstanceOf(ConnectionCallException.class)
                    .hasMessageContaining("was not called");
            assertThatThrownBy(() ->
                            call(new HttpCall(name, "GET", "/", Map.of("X-Mine", "a\r\nB: c"), null, USER), in(5)))
                    .isInstanceOf(ConnectionCallException.class);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void methods_are_the_known_ones_and_get_has_no_body() throws Exception {
        String name = save(Map.of("baseUrl", "http://127.0.0.1:1"), null);

        for (String method : List.of("CONNECT", "TRACE", "OPTIONS", "get", "GET /x HTTP/1.1\r\nX: y\r\n", "")) {
            assertThatThrownBy(() -> call(new HttpCall(name, method, "/", Map.of(), null, USER), in(5)))
                    .isInstanceOf(ConnectionCallException.class)
                    .hasMessageContaining("the method must be one of");
        }
        assertThatThrownBy(() -> call(new HttpCall(name, "GET", "/", Map.of(), "x", USER), in(5)))
                .hasMessageContaining("takes no body");
        assertThatThrownBy(() ->
                        call(new HttpCall(name, "POST", "/", Map.of(), "x".repeat(4 * 1024 * 1024 + 1), USER), in(5)))
                .hasMessageContaining("a body may be at most");
    }

    @ParameterizedTest
    @CsvSource({
        "301, POST, GET, false",
        "302, POST, GET, false",
        "303, POST, GET, false",
        "303, DELETE, GET, false",
        "307, POST, POST, true",
        "308, PUT, PUT, true",
        "302, PUT, PUT, true",
        "302, GET, GET, false",
        "302, HEAD, HEAD, false",
    })
    void redirect_inside_is_followed_with_the_right_method(int status, String method, String then, boolean body)
            throws Exception {
        try (RawServer server = RawServer.start((request, out) -> write(
                out,
                request.line().contains("/old")
                        ? "HTTP/1.1 " + status + " X\r\nLocation: /api/new?x=1#f\r\nContent-Length: 0\r\n\r\n"
                        : OK + "Content-Length: 0\r\n\r\n"))) {
            String name =
                    save(Map.of("baseUrl", server.url() + "/api", "authentication", Map.of("type", "bearer")), SECRET);
            boolean sends = !method.equals("GET") && !method.equals("HEAD");

            call(new HttpCall(name, method, "/old", Map.of(), sends ? "{}" : null, USER), in(10));

            RawServer.Request second = server.requests().get(1);
            assertThat(second.line()).isEqualTo(then + " /api/new?x=1 HTTP/1.1");
            assertThat(second.has("authorization: Bearer " + SECRET)).isTrue();
            assertThat(second.body()).isEqualTo(body ? "{}" : "");
            assertThat(second.names("content-type")).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OTHER/api/x",
                "//localhost/api/x",
                "https://SELF/api/x",
                "http://user@SELF/api/x",
                "http://SELF.evil.example.com/api/x",
                "/other",
                "/apix",
                "/api/../other",
                "../other",
                "/api/%2e%2e/other",
                "/api/a b",
                "http://",
                "file:///etc/passwd",
                "javascript:alert(1)",
            })
    void redirect_out_is_not_followed(String location) throws Exception {
        try (RawServer other = RawServer.answering(OK + "Content-Length: 2\r\n\r\n{}");
                RawServer server = RawServer.start((request, out) -> {
                    String self = "127.0.0.1:"
                            + request.headers().stream()
                                    .filter(line -> line.startsWith("host:"))
                                    .map(line -> line.substring(line.lastIndexOf(':') + 1))
                                    .findFirst()
                                    .orElseThrow();
                    write(
                            out,
                            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
                                    + location.replace("SELF", self).replace("OTHER", other.url()) + "\r\n\r\n");
                })) {
            String name =
                    save(Map.of("baseUrl", server.url() + "/api", "authentication", Map.of("type", "bearer")), SECRET);

            assertFails(name, "/x", "answered 302 with a redirect that leads out of the connection");

            assertThat(server.requests()).hasSize(1);
            assertThat(other.requests()).isEmpty();
        }
    }

    /** Between the look before the call and the sending a node may have been frozen. */
    @Test
    void body_is_not_sent_once_permission_is_gone() throws Exception {
        try (RawServer server = RawServer.answering(OK + "Content-Length: 2\r\n\r\n{}");
                ByteBudget.Hold memory = ByteBudget.unlimited().hold()) {
            String name = save(Map.of("baseUrl", server.url()), null);
            AtomicInteger asked = new AtomicInteger();
            HttpCall call = new HttpCall(name, "POST", "/", Map.of(), "{}", USER);

            assertThatThrownBy(() -> calls.call(calls.open(name, new Masking()), call, memory, in(10), () -> {
                        if (asked.incrementAndGet() > 1) {
                            throw new ConnectionCallException("fenced", "fenced");
                        }
                    }))
                    .hasMessageContaining("fenced");

            assertThat(asked).hasValue(2);
            assertThat(server.wasHungUpOnWithin(10)).isTrue();
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void redirects_come_to_an_end() throws Exception {
        try (RawServer server =
                RawServer.answering("HTTP/1.1 307 X\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")) {
            assertFails(save(Map.of("baseUrl", server.url()), null), "/", "redirected more than 5 times");
            assertThat(server.requests()).hasSize(6);
        }
    }

    @Test
    void server_that_never_answers_is_given_up() throws Exception {
        try (RawServer server = RawServer.start((request, out) -> new CountDownLatch(1).await())) {
            String patient = save(Map.of("baseUrl", server.url(), "readTimeoutMillis", 1000), null);
            assertFails(patient, "/", "did not answer within 1 s");
            assertThat(server.wasHungUpOnWithin(10)).isTrue();

            String total = save(Map.of("baseUrl", server.url(), "totalTimeoutMillis", 500), null);
            assertFails(total, "/", "did not answer within 500 ms");

            String run = save(Map.of("baseUrl", server.url()), null);
            assertThatThrownBy(() -> call(
                            new HttpCall(run, "GET", "/", Map.of(), null, USER),
                            System.nanoTime() + Duration.ofMillis(300).toNanos()))
                    .hasMessage("http: " + run + " did not answer in the time that the run had left");
            assertThatThrownBy(() -> call(new HttpCall(run, "GET", "/", Map.of(), null, USER), System.nanoTime() - 1))
                    .isInstanceOf(ConnectionCallException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\nX-Long: ", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"})
    void server_that_drips_is_ended_by_the_total_deadline(String start) throws Exception {
        try (RawServer server = RawServer.start((request, out) -> {
            write(out, start);
            CountDownLatch never = new CountDownLatch(1);
            while (!never.await(50, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                write(out, "x");
            }
        })) {
            String name = save(Map.of("baseUrl", server.url(), "totalTimeoutMillis", 700), null);
            long begin = System.nanoTime();

            assertFails(name, "/", "did not answer within 700 ms");

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            assertThat(server.wasHungUpOnWithin(10)).isTrue();
        }
    }

    @Test
    void interrupt_ends_the_exchange() throws Exception {
        try (RawServer server = RawServer.start((request, out) -> new CountDownLatch(1).await())) {
            String name = save(Map.of("baseUrl", server.url()), null);
            AtomicReference<Throwable> ending = new AtomicReference<>();
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    get(name, "/");
                } catch (InterruptedException e) {
                    ending.set(e);
                }
            });
            await().until(() -> !server.requests().isEmpty());

            thread.interrupt();
            thread.join(Duration.ofSeconds(10));

            assertThat(ending.get()).isInstanceOf(InterruptedException.class);
            assertThat(server.wasHungUpOnWithin(10)).isTrue();
        }
    }

    @Test
    void body_is_bounded_however_it_comes() throws Exception {
        String large = "x".repeat(2000);
        Map<String, String> answers = Map.of(
                "length", OK + "Content-Length: 2000\r\n\r\n" + large,
                "until the end", OK + "Connection: close\r\n\r\n" + large,
                "chunked", OK + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + large + "\r\n0\r\n\r\n",
                "a lie", OK + "Content-Length: 999999999999\r\n\r\n" + large);
        for (Map.Entry<String, String> answer : answers.entrySet()) {
            try (RawServer server = RawServer.answering(answer.getValue())) {
                String name = save(Map.of("baseUrl", server.url(), "maxResponseBytes", 1999), null);

                assertFails(name, "/", "answered with more than the 1999 bytes");
            }
        }
        try (RawServer server = RawServer.answering(answers.getOrDefault("length", ""))) {
            String name = save(Map.of("baseUrl", server.url(), "maxResponseBytes", 2000), null);

            assertThat(get(name, "/").body()).isEqualTo(large);
        }
    }

    @Test
    void endless_chunks_are_cut_off() throws Exception {
        try (RawServer server = RawServer.start((request, out) -> {
            write(out, OK + "Transfer-Encoding: chunked\r\n\r\n");
            String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
            while (true) {
                write(out, chunk);
            }
        })) {
            assertFails(save(Map.of("baseUrl", server.url()), null), "/", "answered with more than the 1048576 bytes");
            assertThat(server.wasHungUpOnWithin(10)).isTrue();
        }
    }

    @Test
    void gzip_that_nobody_asked_for_is_unpacked_to_the_same_bound() throws Exception {
        byte[] bomb = gzip(new byte[50_000_000]);
        byte[] fine = gzip("{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
        assertThat(bomb.length).isLessThan(100_000);

        assertFails(savedServer(packed("gzip", bomb)), "/", "answered with more than the 1048576 bytes");
        assertThat(get(savedServer(packed("x-gzip", fine)), "/").body()).isEqualTo("{\"a\": 1}");
        assertFails(savedServer(packed("gzip", "no gzip".getBytes(StandardCharsets.UTF_8))), "/", "cannot be unpacked");
        assertFails(savedServer(packed("gzip, gzip", fine)), "/", "an encoding that was not asked for");
        assertFails(savedServer(packed("br", fine)), "/", "an encoding that was not asked for");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage\r\n\r\n",
                "HTTP/1.1\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n",
            })
    void what_is_no_whole_http_is_said_so(String bytes) throws Exception {
        assertFails(savedServer(bytes.getBytes(StandardCharsets.ISO_8859_1)), "/", "gave no whole answer");
    }

    @Test
    void headers_are_bounded() throws Exception {
        String many = "X-Long: " + "x".repeat(100_000) + "\r\n";
        assertFails(
                savedServer((OK + many + "Content-Length: 0\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1)),
                "/",
                "characters of headers");
        assertFails(
                savedServer((OK + many.repeat(10) + "Content-Length: 0\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1)),
                "/",
                "gave no whole answer");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "text/plain                             | 61e4    | YeQ=    | true",
                "text/plain; charset=ISO-8859-1         | 61e4    | aä      | false",
                "text/plain; charset=windows-1252       | 80      | €       | false",
                "application/json                       | c3a4    | ä       | false",
                "application/json                       | efbbbfc3a4 | ä    | false",
                "application/problem+json               | c3a4    | ä       | false",
                "application/vnd.api+xml;charset=\"utf-8\"| c3a4  | ä       | false",
                "text/plain; charset=utf-8              | c3a4    | ä       | false",
                "text/plain; charset=utf-8              | 61e4    | YeQ=    | true",
                "text/plain; charset=utf-16             | 00e4    | ä       | false",
                "text/plain; charset=utf-16le           | fffee400| ä       | false",
                "text/plain                             | fffee400| ä       | false",
                "text/plain                             | feff00e4| ä       | false",
                "text/plain                             | efbbbfe4| 77u/5A==| true",
                "text/plain; charset=nonsense           | 6161    | YWE=    | true",
                "image/png                              | 89504e47| iVBORw==| true",
                "application/octet-stream               | 6161    | YWE=    | true",
            })
    void text_is_text_and_the_rest_is_base64(String type, String hex, String body, boolean base64) throws Exception {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        write(answer, "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + bytes.length + "\r\n\r\n");
        answer.write(bytes);

        HttpAnswer got = get(savedServer(answer.toByteArray()), "/");

        assertThat(got.body()).isEqualTo(body);
        assertThat(got.base64()).isEqualTo(base64);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/xml | <?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><n>S\u00f6ren</n>",
                "text/xml        | <?xml version='1.0' encoding='iso-8859-1' standalone='yes'?><n>S\u00f6ren</n>",
                "text/html       | <html><head><META charset=iso-8859-1></head>S\u00f6ren</html>",
                "text/html       | <!-- <meta charset=utf-8> --><meta charset=\"latin1\">S\u00f6ren",
                "text/html       | <meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-1\">S\u00f6ren",
            })
    void text_that_declares_its_encoding_inside_is_read_by_it(String type, String text) throws Exception {
        HttpAnswer got = get(
                savedServer(("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + text.length()
                                + "\r\n\r\n" + text)
                        .getBytes(StandardCharsets.ISO_8859_1)),
                "/");

        assertThat(got.body()).isEqualTo(text);
        assertThat(got.base64()).isFalse();
        assertThat(Base64.getDecoder().decode(got.bytes())).isEqualTo(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain | names no charset, and its bytes are not UTF-8",
                "text/plain; charset=utf-8 | is sent as utf-8, but its bytes are not",
                "text/plain; charset=klingon | is sent as klingon, a charset that is not known here",
            })
    void text_that_is_not_known_says_why(String type, String reason) throws Exception {
        HttpAnswer got = get(
                savedServer(("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: 5\r\n\r\nS\u00f6ren")
                        .getBytes(StandardCharsets.ISO_8859_1)),
                "/");

        assertThat(got.unknown()).isEqualTo(reason);
        assertThat(got.base64()).isTrue();
    }

    @Test
    void host_that_cannot_be_reached_is_said_without_its_address() throws Exception {
        String closed;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = save(Map.of("baseUrl", "http://127.0.0.1:" + free.getLocalPort()), null);
        }
        assertFails(closed, "/", "could not be reached");
        assertFails(save(Map.of("baseUrl", "http://no-such-host.invalid"), null), "/", "its host name is not known");
        try (RawServer plain = RawServer.answering("HTTP/1.1 400 X\r\n\r\n")) {
            assertFails(
                    save(Map.of("baseUrl", plain.url().replace("http:", "https:")), null), "/", "could not be reached");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 1\r\nContent-Length: 3\r\n\r\n123",
                "Content-Length: 1, 3\r\n\r\n123",
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n"
            })
    void answer_that_contradicts_itself_about_its_length_is_no_answer(String rest) throws Exception {
        try (RawServer server = RawServer.answering(OK + rest)) {
            assertThatThrownBy(() -> get(save(Map.of("baseUrl", server.url()), null), "/"))
                    .isInstanceOf(ConnectionCallException.class)
                    .hasMessageStartingWith("http: ");
        }
    }

    @Test
    void unknown_connection_and_database_are_said_so() {
        assertThatThrownBy(() -> get("no such one", "/"))
                .hasMessage("http: there is no connection named 'no such one'");
        String database = unique("db");
        api().body(Map.of("postgresql", Map.of("host", "h", "database", "d", "username", "u")))
                .put("/connections/{name}", database)
                .then()
                .statusCode(201);
        assertThatThrownBy(() -> get(database, "/")).hasMessageContaining("is a database; call it with sql");
    }

    @Test
    void change_of_a_connection_counts_from_the_next_call_on() throws Exception {
        try (RawServer one = RawServer.answering(OK + "Content-Length: 1\r\n\r\n1");
                RawServer two = RawServer.answering(OK + "Content-Length: 1\r\n\r\n2")) {
            String name = save(Map.of("baseUrl", one.url()), null);
            assertThat(get(name, "/").body()).isEqualTo("1");

            api().header("If-Match", "*")
                    .body(Map.of("http", Map.of("baseUrl", two.url())))
                    .put("/connections/{name}", name)
                    .then()
                    .statusCode(200);

            assertThat(get(name.toUpperCase(java.util.Locale.ROOT), "/").body()).isEqualTo("2");
            api().header("If-Match", "*")
                    .delete("/connections/{name}", name)
                    .then()
                    .statusCode(204);
            assertThatThrownBy(() -> get(name, "/")).hasMessageContaining("there is no connection");
        }
    }

    private HttpAnswer get(String connection, String path) throws InterruptedException {
        return call(new HttpCall(connection, "GET", path, Map.of(), null, USER), in(30));
    }

    private void assertFails(String connection, String path, String words) {
        assertThatThrownBy(() -> get(connection, path))
                .isInstanceOf(ConnectionCallException.class)
                .hasMessageStartingWith("http: " + connection + " ")
                .hasMessageContaining(words)
                .message()
                .doesNotContain("127.0.0.1", "Exception", "java.", SECRET);
    }

    private static String save(Map<String, Object> http, @Nullable String secret) {
        String name = unique("api");
        Map<String, Object> body = new HashMap<>(Map.of("http", http));
        if (secret != null) {
            body.put("secret", secret);
        }
        api().body(body).put("/connections/{name}", name).then().statusCode(201);
        return name;
    }

    /** A connection to a server that answers with these bytes; the server goes with the JVM. */
    private static String savedServer(byte[] bytes) throws IOException {
        return save(
                Map.of(
                        "baseUrl",
                        RawServer.start((request, out) -> out.write(bytes)).url()),
                null);
    }

    private static byte[] packed(String encoding, byte[] body) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        write(answer, OK + "Content-Encoding: " + encoding + "\r\nContent-Length: " + body.length + "\r\n\r\n");
        answer.write(body);
        return answer.toByteArray();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(plain);
        }
        return packed.toByteArray();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static long in(int seconds) {
        return System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    }

    private HttpAnswer call(HttpCall call, long deadlineNanoTime) throws InterruptedException {
        try (ByteBudget.Hold memory = ByteBudget.unlimited().hold()) {
            return calls.call(calls.open(call.connection(), new Masking()), call, memory, deadlineNanoTime, () -> {});
        }
    }
}
