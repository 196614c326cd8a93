package io.asyncjobs.connection.http;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.RawServer;
import io.asyncjobs.testsupport.TestCertificates;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Named secrets, certificates, politeness and tests of connections, against servers of the test. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ConnectionsForRealApisTest {

    private static final String WEBHOOK = "key-of-the-webhook-1";
    private static final String API_SECRET = "s3cr3t \"of\" the api+1";
    private static final String OK =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";

    @TempDir
    static Path folder;

    private static TestCertificates certificates;

    @Inject
    HttpCalls calls;

    @Inject
    Jdbi jdbi;

    @BeforeAll
    static void certify() {
        certificates = TestCertificates.make(folder, 20);
    }

    @Test
    void body_is_signed_and_secrets_stand_in_its_fields() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            String name = save(Map.of("baseUrl", server.url()), secrets());
            HttpSecrets.Sign sign = new HttpSecrets.Sign("webhook", "hmac-sha256", "X-Signature", "hex", "sha256=");

            call(post(name, Map.of(), "{\"n\": 1.10}", new HttpSecrets(sign, Map.of("client_secret", "api-secret"))));
            call(post(
                    name,
                    Map.of("content-type", "application/x-www-form-urlencoded"),
                    "a=b",
                    new HttpSecrets(null, Map.of("client_secret", "api-secret"))));

            RawServer.Request signed = server.requests().get(0);
            assertThat(signed.body()).isEqualTo("{\"client_secret\":\"s3cr3t \\\"of\\\" the api+1\",\"n\": 1.10}");
            assertThat(signed.has("x-signature: sha256=" + hmac(signed.body()))).isTrue();
            assertThat(server.requests().get(1).body()).isEqualTo("a=b&client_secret=s3cr3t+%22of%22+the+api%2B1");
            for (HttpSecrets wrong : List.of(
                    new HttpSecrets(null, Map.of("x", "no-such")),
                    new HttpSecrets(null, Map.of("n", "api-secret")),
                    new HttpSecrets(new HttpSecrets.Sign("webhook", "md5", "X-S", "hex", ""), Map.of()),
                    new HttpSecrets(new HttpSecrets.Sign("webhook", "rsa-sha256", "X-S", "hex", ""), Map.of()),
                    new HttpSecrets(new HttpSecrets.Sign("webhook", "hmac-sha256", "Host", "hex", ""), Map.of()))) {
                assertThatThrownBy(() -> call(post(name, Map.of(), "{\"n\": 1}", wrong)))
                        .hasMessageStartingWith("http: " + name + " was not called: ")
                        .message()
                        .doesNotContain(WEBHOOK, API_SECRET);
            }
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void script_uses_secrets_by_name_and_never_sees_them() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            Map<String, Object> more = new HashMap<>(
                    Map.of("webhook", WEBHOOK, "api-secret", API_SECRET, "signing-key", certificates.key("client")));
            String name = save(Map.of("baseUrl", server.url()), more);

            Response trial = api().body(Map.of("script", """
                            const mac = await http.sign(params.api, { secret: 'webhook', algorithm: 'hmac-sha256', data: 'é' });
                            const jwt = await http.sign(params.api, { secret: 'signing-key', algorithm: 'rsa-sha256', data: new Uint8Array([1, 2]) });
                            await http.post(params.api, '/x', { a: 1 }, { sign: { secret: 'webhook', algorithm: 'hmac-sha512', header: 'X-S' },
                              secretFields: { client_secret: 'api-secret' } });
                            let refused = '';
                            try { await http.sign(params.api, { secret: 'none', algorithm: 'hmac-sha256', data: '' }); } catch (e) { refused = e.code; }
                            log.info(Object.keys(globalThis).map(k => { try { return JSON.stringify(globalThis[k]); } catch { return ''; } }).join());
                            log.info('%s');
                            return { mac: [...mac].map(b => b.toString(16).padStart(2, '0')).join(''), jwt: [...jwt], bytes: mac instanceof Uint8Array, refused };""".formatted(WEBHOOK), "parameters", Map.of("api", name)))
                    .post("/trials");

            trial.then()
                    .body("outcome", equalTo("succeeded"))
                    .body("result.mac", equalTo(hmac("é")))
                    .body("result.bytes", equalTo(true))
                    .body("result.refused", equalTo("not_called"));
            assertThat(trial.asString()).doesNotContain(WEBHOOK, API_SECRET, "s3cr3t", "BEGIN PRIVATE");
            Signature verifying = Signature.getInstance("SHA256withRSA");
            verifying.initVerify(certificates.keyStore().getCertificate("client"));
            verifying.update(new byte[] {1, 2});
            List<Integer> numbers = trial.jsonPath().getList("result.jwt");
            byte[] signature = new byte[numbers.size()];
            for (int i = 0; i < signature.length; i++) {
                signature[i] = numbers.get(i).byteValue();
            }
            assertThat(verifying.verify(signature)).isTrue();
            String row = jdbi.withHandle(
                    handle -> handle.createQuery("select connection::text from connection where name = :name")
                            .bind("name", name)
                            .mapTo(String.class)
                            .one());
            assertThat(row).contains("api-secret").doesNotContain(WEBHOOK, "s3cr3t", "PRIVATE");
        }
    }

    @Test
    void named_secrets_stay_until_they_are_replaced_removed_or_moved() {
        String name = save(Map.of("baseUrl", "http://127.0.0.1"), secrets());

        put(name, Map.of("http", Map.of("baseUrl", "http://127.0.0.1"), "secrets", Map.of("webhook", "", "third", "x")))
                .then()
                .statusCode(200)
                .body("secretNames", contains("api-secret", "third"))
                .body(not(containsString("s3cr3t")));
        put(name, Map.of("http", Map.of("baseUrl", "http://127.0.0.2"), "secrets", Map.of("third", "y")))
                .then()
                .statusCode(422)
                .body("violations.field", contains("secrets.api-secret"));
        put(name, Map.of("http", Map.of("baseUrl", "http://127.0.0.1"), "secrets", Map.of("not a name", "y")))
                .then()
                .statusCode(422);
        api().queryParam("entityType", "connection")
                .queryParam(
                        "entity",
                        api().get("/connections/{name}", name).path("id").toString())
                .get("/audit")
                .then()
                .statusCode(200)
                .body(containsString("third"))
                .body(not(containsString("s3cr3t")));
    }

    @Test
    void private_authority_and_client_certificate_open_a_server_that_wants_both() throws Exception {
        HttpsServer server = mutualTls();
        try {
            String url = "https://localhost:" + server.getAddress().getPort();
            String untrusted = save(Map.of("baseUrl", url), Map.of());
            String unknown = saveTls(url, Map.of("caCertificate", certificates.certificate("ca")), null);
            String known = saveTls(
                    url,
                    Map.of(
                            "caCertificate", certificates.certificate("ca"),
                            "clientCertificate", certificates.certificate("client")),
                    certificates.key("client"));

            assertThatThrownBy(() -> call(get(untrusted))).hasMessageContaining("could not be reached safely");
            assertThatThrownBy(() -> call(get(unknown))).hasMessageStartingWith("http: " + unknown);
            assertThat(call(get(known)).status()).isEqualTo(200);

            test(untrusted)
                    .then()
                    .body("ok", equalTo(false))
                    .body("steps.name", contains("resolve", "connect", "tls", "authenticate"))
                    .body("steps.outcome", contains("ok", "ok", "failed", "skipped"))
                    .body("steps[2].message", containsString("caCertificate"));
            test(unknown).then().body("ok", equalTo(false));
            test(known)
                    .then()
                    .body("ok", equalTo(true))
                    .body("steps.outcome", contains("ok", "ok", "ok", "ok"))
                    .body("steps[2].message", containsString("CN=localhost"));
            Response view = api().get("/connections/{name}", known);
            view.then()
                    .body("hasClientKey", equalTo(true))
                    .body("certificates.use", contains("ca", "client"))
                    .body("certificates.subject", hasItems("CN=job-scripts"))
                    .body(not(containsString("PRIVATE")));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void certificates_and_keys_that_do_not_fit_are_refused() throws Exception {
        String url = "https://localhost:1";
        Map<String, Object> client = Map.of("clientCertificate", certificates.certificate("client"));
        String name = unique("tls");
        for (Map<String, Object> draft : List.<Map<String, Object>>of(
                Map.of("http", Map.of("baseUrl", url), "tls", client),
                Map.of("http", Map.of("baseUrl", url), "tls", client, "clientKey", certificates.key("server")),
                Map.of("http", Map.of("baseUrl", url), "tls", client, "clientKey", "no key"),
                Map.of("http", Map.of("baseUrl", url), "tls", Map.of("caCertificate", "no certificate")),
                Map.of(
                        "http",
                        Map.of("baseUrl", "http://localhost"),
                        "tls",
                        client,
                        "clientKey",
                        certificates.key("client")))) {
            api().body(draft).put("/connections/{name}", name).then().statusCode(422);
        }
    }

    @Test
    void calls_are_sent_again_within_their_limits() throws Exception {
        AtomicInteger count = new AtomicInteger();
        try (RawServer server = RawServer.start((request, out) -> out.write((count.incrementAndGet() < 3
                        ? "HTTP/1.1 503 X\r\nRetry-After: 0\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                        : OK)
                .getBytes(StandardCharsets.ISO_8859_1)))) {
            String name = save(
                    Map.of("baseUrl", server.url(), "retries", 2, "callsPerSecond", 20, "maxConcurrentCalls", 1),
                    Map.of());

            long begun = System.nanoTime();
            assertThat(call(get(name)).status()).isEqualTo(200);
            assertThat(count).hasValue(3);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(90));
        }
    }

    @Test
    void call_that_would_come_too_late_is_not_made() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            String name =
                    save(Map.of("baseUrl", server.url(), "callsPerSecond", 1, "totalTimeoutMillis", 500), Map.of());

            assertThat(call(get(name)).status()).isEqualTo(200);
            assertThatThrownBy(() -> call(get(name)))
                    .hasMessageContaining("its 1 calls a second are taken until the time is up");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void calls_go_through_the_proxy_of_the_connection() throws Exception {
        try (RawServer proxy = RawServer.answering(OK)) {
            String name = save(
                    Map.of(
                            "baseUrl",
                            "http://no-such-host.invalid/api",
                            "proxy",
                            proxy.url().substring(7)),
                    Map.of());

            assertThat(call(get(name)).status()).isEqualTo(200);
            assertThat(proxy.requests().getFirst().line()).isEqualTo("GET http://no-such-host.invalid/api/x HTTP/1.1");
        }
    }

    @Test
    void test_says_what_failed() throws Exception {
        try (RawServer server =
                RawServer.answering("HTTP/1.1 401 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")) {
            String name = save(Map.of("baseUrl", server.url(), "authentication", Map.of("type", "none")), Map.of());
            test(name)
                    .then()
                    .body("ok", equalTo(false))
                    .body("steps.outcome", contains("ok", "ok", "skipped", "failed"))
                    .body("steps[3].message", containsString("answered with 401"));
        }
        test(save(Map.of("baseUrl", "http://no-such-host.invalid"), Map.of()))
                .then()
                .body("steps.outcome", contains("failed", "skipped", "skipped", "skipped"))
                .body("steps[0].message", containsString("no-such-host.invalid is not known"));
        api().post("/connections/{name}/test", unique("absent")).then().statusCode(404);
    }

    @Test
    void jobs_that_name_a_connection_are_found() {
        String name = save(Map.of("baseUrl", "http://127.0.0.1"), Map.of());
        String job = unique("uses");
        api().body(Map.of(
                        "name",
                        job,
                        "script",
                        "// reads\nawait http.get('" + name.toUpperCase(java.util.Locale.ROOT) + "', '/');",
                        "pollIntervalSeconds",
                        300))
                .post("/jobs")
                .then()
                .statusCode(201);

        api().get("/connections/{name}/jobs", name)
                .then()
                .statusCode(200)
                .body("items.name", contains(job))
                .body("items[0].lines", contains(2));
        api().post("/jobs/{job}/archive", job);
        api().get("/connections/{name}/jobs", unique("absent")).then().statusCode(404);
    }

    private static Map<String, Object> secrets() {
        return Map.of("webhook", WEBHOOK, "api-secret", API_SECRET);
    }

    private static String hmac(String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(WEBHOOK.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static HttpsServer mutualTls() throws IOException, GeneralSecurityException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        java.security.KeyStore server = java.security.KeyStore.getInstance("PKCS12");
        server.load(null, null);
        server.setKeyEntry(
                "server",
                certificates.keyStore().getKey("server", certificates.password()),
                certificates.password(),
                certificates.keyStore().getCertificateChain("server"));
        own.init(server, certificates.password());
        java.security.KeyStore trusted = java.security.KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", certificates.keyStore().getCertificate("ca"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        HttpsServer started = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        started.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        started.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        started.start();
        return started;
    }

    private static Response test(String name) {
        return api().post("/connections/{name}/test", name);
    }

    private static Response put(String name, Map<String, Object> draft) {
        return api().header("If-Match", "*").body(draft).put("/connections/{name}", name);
    }

    private static String save(Map<String, Object> http, Map<String, Object> secrets) {
        String name = unique("real");
        api().body(Map.of("http", http, "secrets", secrets))
                .put("/connections/{name}", name)
                .then()
                .statusCode(201);
        return name;
    }

    private static String saveTls(String url, Map<String, Object> tls, @org.jspecify.annotations.Nullable String key) {
        String name = unique("tls");
        Map<String, Object> draft = new HashMap<>(Map.of("http", Map.of("baseUrl", url), "tls", tls));
        if (key != null) {
            draft.put("clientKey", key);
        }
        api().body(draft).put("/connections/{name}", name).then().statusCode(201);
        return name;
    }

    private static HttpCall get(String name) {
        return new HttpCall(name, "GET", "/x", Map.of(), null, "ada");
    }

    private static HttpCall post(String name, Map<String, String> headers, String body, HttpSecrets secrets) {
        return new HttpCall(
                name, "POST", "/x", headers, new HttpBody(HttpBody.Kind.JSON, body), false, null, "ada", secrets);
    }

    private HttpAnswer call(HttpCall call) throws InterruptedException {
        try (ByteBudget.Hold memory = ByteBudget.unlimited().hold()) {
            return calls.call(
                    calls.open(call.connection(), new Masking()),
                    call,
                    memory,
                    System.nanoTime() + Duration.ofSeconds(30).toNanos(),
                    () -> {});
        }
    }
}
