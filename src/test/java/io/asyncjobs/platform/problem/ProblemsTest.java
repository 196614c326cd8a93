package io.asyncjobs.platform.problem;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ProblemsTest {

    private static final String ACCOUNTS = "/api/v1/accounts";
    private static final int MAX_BODY = 4 * 1024 * 1024;

    @ParameterizedTest
    @ValueSource(strings = {"/inside", "/error"})
    void failure_of_ours_tells_nothing_but_where_to_look(String path) {
        isProblem(caller().get("/test/failing" + path), 500, "internal")
                .then()
                .body("detail", nullValue())
                .body("correlationId", notNullValue())
                .body(not(containsString("secret")))
                .body(not(containsString("Exception")));
    }

    @Test
    void problem_of_a_text_resource_is_json_too() {
        isProblem(caller().accept("text/plain").get("/test/failing/text"), 404, "unknown")
                .then()
                .body("detail", equalTo("No such text."));
        isProblem(caller().post("/test/failing/precondition"), 428, "precondition-missing");
    }

    @Test
    void unknown_path() {
        for (String path : new String[] {"/nowhere", "/api/v1/nowhere", "/q/nowhere", "/api", "/admin/nowhere"}) {
            isProblem(caller().get(path), 404, "unknown").then().body("instance", equalTo(path));
        }
    }

    @Test
    void wrong_method_names_the_right_ones() {
        Response answer = isProblem(caller().delete(ACCOUNTS), 405, "method-not-allowed");

        assertThat(answer.header("Allow")).contains("GET").contains("POST");
    }

    @Test
    void wrong_media_types() throws IOException {
        isProblem(caller().contentType("text/plain").body("{}").post(ACCOUNTS), 415, "unsupported-media-type");
        isProblem(
                caller().contentType("application/x-www-form-urlencoded")
                        .body("username=x")
                        .post(ACCOUNTS),
                415,
                "unsupported-media-type");
        isProblem(
                caller().header("Content-Type", "application/json; charset=ISO-8859-1")
                        .body("{}")
                        .post(ACCOUNTS),
                415,
                "unsupported-media-type");
        isProblem(
                caller().header("Content-Type", "application/json; charset=utf-16")
                        .body("{}")
                        .post(ACCOUNTS),
                415,
                "unsupported-media-type");
        isProblem(caller().accept("image/png").get(ACCOUNTS), 406, "not-acceptable");
        assertThat(raw("POST " + ACCOUNTS + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                        + Tokens.superadmin("alice") + "\r\nContent-Type: nonsense\r\nContent-Length: 2\r\n\r\n{}"))
                .containsPattern("^HTTP/1.1 4(00|15)")
                .contains("application/problem+json");
        assertThat(caller().header("Accept", "nonsense").get(ACCOUNTS).statusCode())
                .isLessThan(500);
    }

    @Test
    void malformed_json_is_located() {
        isProblem(json("{\n  \"username\": tru\n}"), 400, "malformed")
                .then()
                .body("line", equalTo(2))
                .body("column", notNullValue())
                .body("detail", containsString("line 2"));
        isProblem(json(""), 400, "malformed");
        isProblem(json("[]"), 400, "malformed");
        isProblem(json("[".repeat(100_000)), 400, "malformed");
        isProblem(json("{\"a\":".repeat(100_000)), 400, "malformed");
        isProblem(
                caller().contentType("application/json")
                        .body("{\"username\": \"ä\"}".getBytes(StandardCharsets.ISO_8859_1))
                        .post(ACCOUNTS),
                400,
                "malformed");
    }

    @Test
    void parameters_that_do_not_parse() {
        String path = "/test/failing/parameters/";
        String id = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f";
        isProblem(caller().get(path + "1-1-1-1-1"), 404, "unknown");
        isProblem(caller().get(path + id + "?count=many"), 400, "malformed")
                .then()
                .body("violations.field", contains("count"));
        isProblem(caller().get(path + id + "?count=6"), 400, "malformed")
                .then()
                .body("violations.field", contains("count"));
        isProblem(caller().get(path + id + "?from=yesterday"), 400, "malformed")
                .then()
                .body("violations.field", contains("from"));
        caller().get(path + id + "?count=&from=2026-01-01T00:00:00Z")
                .then()
                .statusCode(200)
                .body(equalTo(id + " null 2026-01-01T00:00:00Z"));
    }

    @Test
    void body_may_be_as_large_as_its_limit() {
        caller().contentType("text/javascript")
                .body(new byte[MAX_BODY])
                .put("/test/failing/raw")
                .then()
                .statusCode(200)
                .body(equalTo(Integer.toString(MAX_BODY)));
    }

    @Test
    void body_that_is_too_large_is_refused_unread() throws IOException {
        String answer = raw("POST " + ACCOUNTS + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + Tokens.superadmin("alice")
                + "\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{");

        assertThat(answer)
                .startsWith("HTTP/1.1 413")
                .contains("application/problem+json")
                .contains("4194304 bytes")
                .contains("problems#too-large");
    }

    @Test
    void body_in_chunks_is_bounded_too() throws IOException {
        for (String path : new String[] {"POST " + ACCOUNTS, "PUT /test/failing/raw"}) {
            String type = path.startsWith("PUT") ? "text/javascript" : "application/json";
            StringBuilder request = new StringBuilder(path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + Tokens.superadmin("alice") + "\r\nContent-Type: " + type
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
            for (int sent = 0; sent <= MAX_BODY; sent += 0x10000) {
                request.append(chunk);
            }

            assertThat(raw(request.toString()))
                    .startsWith("HTTP/1.1 413")
                    .contains("application/problem+json")
                    .contains("4194304 bytes");
        }
    }

    @Test
    void headers_and_addresses_are_bounded() throws IOException {
        isProblem(caller().header("X-Long", "a".repeat(100_000)).get(ACCOUNTS), 431, "headers-too-large")
                .then()
                .body("detail", containsString("16384 bytes"));
        isProblem(caller().get(ACCOUNTS + "?x=" + "a".repeat(20_000)), 414, "uri-too-long")
                .then()
                .body("detail", containsString("8192 bytes"));
        // Beyond what the server itself reads
        assertThat(raw("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(1_000_000) + "\r\n\r\n"))
                .contains(" 431 ");
        assertThat(raw("GET /" + "a".repeat(1_000_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .contains(" 414 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/%", "/%zz", "/api/v1/accounts/%", "/api/v1/accounts/%c3%28", "/%00", "/api/v1/accounts?x=%"})
    void address_that_is_no_address_is_no_failure_of_ours(String path) throws IOException {
        String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                + Tokens.superadmin("alice") + "\r\n\r\n");

        assertThat(answer.substring(9, 12)).isIn("400", "404", "200");
    }

    @Test
    void security_headers_are_on_every_answer() {
        for (Response answer : new Response[] {
            caller().get(ACCOUNTS),
            caller().get("/nowhere"),
            given().get(ACCOUNTS),
            given().get("/q/health"),
            caller().delete(ACCOUNTS),
            caller().get("/test/failing/inside"),
            json("{")
        }) {
            answer.then()
                    .header("X-Content-Type-Options", "nosniff")
                    .header("Content-Security-Policy", containsString("frame-ancestors 'none'"))
                    .header("Referrer-Policy", "no-referrer")
                    .header("Cache-Control", "no-store");
        }
    }

    @Test
    void head_is_answered_without_a_body() {
        assertThat(caller().head(ACCOUNTS).statusCode()).isEqualTo(200);
        assertThat(caller().head("/nowhere").statusCode()).isEqualTo(404);
        assertThat(given().head(ACCOUNTS).statusCode()).isEqualTo(401);
    }

    @Test
    void every_kind_has_its_section_in_the_documentation() throws IOException {
        String page = Files.readString(Path.of("docs/problems.md"));

        for (ProblemKind kind : ProblemKind.values()) {
            assertThat(page).contains("\n## " + kind.slug() + "\n");
        }
        Pattern refusal = Pattern.compile("RefusedException\\(\\s*\"([a-z-]+)\"");
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                refusal.matcher(Files.readString(source)).results().forEach(found -> assertThat(page)
                        .contains("\n### " + found.group(1) + "\n"));
            }
        }
    }

    private static Response isProblem(Response answer, int status, String kind) {
        answer.then()
                .statusCode(status)
                .contentType("application/problem+json")
                .body("type", equalTo("https://asyncjobs.io/problems#" + kind))
                .body("title", notNullValue())
                .body("status", equalTo(status))
                .body("instance", notNullValue());
        return answer;
    }

    private static Response json(String body) {
        return caller().contentType("application/json").body(body).post(ACCOUNTS);
    }

    private static RequestSpecification caller() {
        return given().auth().oauth2(Tokens.superadmin("alice"));
    }

    /** What a client cannot be made to send. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", RestAssured.port)) {
            socket.setSoTimeout(10_000);
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    OutputStream out = socket.getOutputStream();
                    out.write(request.getBytes(StandardCharsets.ISO_8859_1));
                    out.flush();
                } catch (IOException e) {
                    // The service need not read to the end
                }
            });
            StringBuilder answer = new StringBuilder();
            byte[] buffer = new byte[8192];
            try {
                int count;
                while ((count = socket.getInputStream().read(buffer)) >= 0) {
                    answer.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
                }
            } catch (IOException e) {
                // Reset after the answer, as part of the request was left unread
            }
            writer.interrupt();
            return answer.toString();
        }
    }
}
