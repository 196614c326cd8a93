package io.asyncjobs.connection;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.unique;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.TestDatabase;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ConnectionsResourceTest {

    private static final String PATH = "/connections/{name}";
    private static final String SECRET = "hunter2-" + "x".repeat(20);

    private static final String BEARER = """
            {"description": "The EDC",
             "http": {"baseUrl": "HTTPS://Clinical.Example.com:8443/api/v1/",
                      "headers": {"X-Study": "S1"},
                      "authentication": {"type": "bearer"}},
             "secret": "%s"}""".formatted(SECRET);

    private static final String POSTGRESQL = """
            {"postgresql": {"host": "db.example.com", "database": "edc", "username": "jobs"}, "secret": "%s"}""".formatted(SECRET);

    @Inject
    OpenConnections connections;

    @Test
    void created_connection_is_shown_without_its_secret() {
        String name = unique("Clinical API");

        Response created = put(name, BEARER, null);

        created.then()
                .statusCode(201)
                .header("Location", endsWith("/api/v1/connections/" + name.replace(" ", "%20")))
                .body("name", equalTo(name))
                .body("kind", equalTo("http"))
                .body("description", equalTo("The EDC"))
                .body("hasSecret", equalTo(true))
                .body("http.baseUrl", equalTo("https://clinical.example.com:8443/api/v1"))
                .body("http.headers", equalTo(Map.of("X-Study", "S1")))
                .body("http.authentication.type", equalTo("bearer"))
                .body("http.connectTimeoutMillis", equalTo(5000))
                .body("http.readTimeoutMillis", equalTo(30_000))
                .body("http.totalTimeoutMillis", equalTo(60_000))
                .body("http.maxResponseBytes", equalTo(1_048_576))
                .body("http.redact", org.hamcrest.Matchers.hasItems("client_secret", "password", "access_token"))
                .body("postgresql", nullValue())
                .body("createdBy", equalTo("alice"))
                .body(not(containsString(SECRET)));
        Response read = api().get(PATH, name.toUpperCase(java.util.Locale.ROOT));
        read.then().statusCode(200).header("ETag", equalTo(created.header("ETag")));
        assertThat(read.jsonPath().<Object>get()).isEqualTo(created.jsonPath().get());
        api().header("If-None-Match", read.header("ETag"))
                .get(PATH, name)
                .then()
                .statusCode(304);
        assertThat(connections.http(name).secret()).isEqualTo(SECRET);
        assertThat(connections.http(name)).asString().doesNotContain(SECRET);
    }

    @Test
    void database_connection_has_safe_defaults() {
        String name = unique("edc");

        put(name, POSTGRESQL, null)
                .then()
                .statusCode(201)
                .body("kind", equalTo("postgresql"))
                .body("hasSecret", equalTo(true))
                .body("http", nullValue())
                .body("postgresql.port", equalTo(5432))
                .body("postgresql.tls", equalTo("verify_full"))
                .body("postgresql.maxConnections", equalTo(4))
                .body("postgresql.statementTimeoutMillis", equalTo(60_000))
                .body(not(containsString(SECRET)));
        assertThat(connections.postgresql(name).secret()).isEqualTo(SECRET);
    }

    @Test
    void what_is_stored_is_not_the_secret() throws SQLException {
        String name = unique("sealed");
        put(name, BEARER, null).then().statusCode(201);

        assertThat(new String(sealed(name), StandardCharsets.ISO_8859_1)).doesNotContain(SECRET, "hunter2");
        assertThat(rowOf(name)).doesNotContain("hunter2");
    }

    @Test
    void sealed_secret_opens_in_its_own_row_only() throws SQLException {
        String one = unique("one");
        String other = unique("other");
        put(one, BEARER, null).then().statusCode(201);
        put(other, BEARER, null).then().statusCode(201);

        setSealed(other, sealed(one));

        assertThat(connections.http(one).secret()).isEqualTo(SECRET);
        assertThatThrownBy(() -> connections.http(other))
                .isInstanceOf(ConnectionCallException.class)
                .hasMessageContaining("cannot be read")
                .message()
                .doesNotContain(SECRET);
    }

    @Test
    void sealed_secret_goes_to_no_other_place_by_a_change_of_the_row() throws SQLException {
        String name = unique("moved");
        put(name, BEARER, null).then().statusCode(201);

        update(
                "update connection set settings = replace(settings, 'clinical.example', 'evil.example') where name = ?",
                name);

        assertThatThrownBy(() -> connections.http(name)).isInstanceOf(ConnectionCallException.class);
    }

    @Test
    void replacing_needs_the_present_tag() {
        String name = unique("tagged");
        String tag = put(name, BEARER, null).header("ETag");

        put(name, BEARER, null).then().statusCode(428).body("type", endsWith("#precondition-missing"));
        put(name, BEARER, "\"other\"").then().statusCode(412);
        api().header("If-None-Match", "*")
                .header("If-Match", tag)
                .body(BEARER)
                .put(PATH, name)
                .then()
                .statusCode(412);
        Response replaced = put(name, BEARER, tag);
        replaced.then().statusCode(200);
        assertThat(replaced.header("ETag")).isNotEqualTo(tag);
        put(name, BEARER, tag).then().statusCode(412).body("type", endsWith("#stale"));
        put(name, BEARER, "*").then().statusCode(200);
        put(unique("absent"), BEARER, "*").then().statusCode(412);
        api().header("If-None-Match", "*")
                .body(BEARER)
                .put(PATH, unique("fresh"))
                .then()
                .statusCode(201);
    }

    @Test
    void of_many_equal_creates_one_wins() throws Exception {
        String name = unique("rush");
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            calls.add(() -> put(name, BEARER, null).statusCode());
        }
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Integer> status : threads.invokeAll(calls)) {
                statuses.add(status.get());
            }
        }

        assertThat(statuses.stream().filter(status -> status == 201)).hasSize(1);
        assertThat(statuses.stream().collect(Collectors.toSet())).isSubsetOf(201, 412, 428);
    }

    @Test
    void secret_stays_while_it_goes_to_the_same_place() {
        String name = unique("kept");
        put(name, BEARER, null).then().statusCode(201);

        put(name, """
                {"http": {"baseUrl": "https://clinical.example.com:8443/api/v1", "readTimeoutMillis": 1000,
                          "authentication": {"type": "bearer"}}}""", "*")
                .then()
                .statusCode(200)
                .body("hasSecret", equalTo(true))
                .body("description", nullValue())
                .body("http.readTimeoutMillis", equalTo(1000));
        assertThat(connections.http(name).secret()).isEqualTo(SECRET);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "https://evil.example.com:8443/api/v1      | bearer",
                "http://clinical.example.com:8443/api/v1   | bearer",
                "https://clinical.example.com/api/v1       | bearer",
                "https://clinical.example.com:8443/api/v2  | bearer",
                "https://clinical.example.com:8443         | bearer",
                "https://clinical.example.com:8443/api/v1  | header",
            })
    void secret_cannot_be_sent_elsewhere(String baseUrl, String type) {
        String name = unique("fixed");
        String tag = put(name, BEARER, null).header("ETag");
        String header = type.equals("header") ? ", \"header\": \"X-Echo\"" : "";

        put(
                        name,
                        "{\"http\": {\"baseUrl\": \"%s\", \"authentication\": {\"type\": \"%s\"%s}}}"
                                .formatted(baseUrl, type, header),
                        "*")
                .then()
                .statusCode(422)
                .body("violations.field", contains("secret"));
        api().get(PATH, name).then().header("ETag", equalTo(tag));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"host\": \"evil.example.com\"",
                "\"host\": \"db.example.com\", \"port\": 6432",
                "\"host\": \"db.example.com\", \"tls\": \"disable\"",
            })
    void password_cannot_be_sent_elsewhere(String place) {
        String name = unique("fixed");
        put(name, POSTGRESQL, null).then().statusCode(201);

        put(name, "{\"postgresql\": {%s, \"database\": \"edc\", \"username\": \"jobs\"}}".formatted(place), "*")
                .then()
                .statusCode(422)
                .body("violations.field", contains("secret"));
        put(name, """
                {"postgresql": {"host": "db.example.com", "database": "other", "username": "jobs2"}}""", "*").then().statusCode(200).body("hasSecret", equalTo(true));
    }

    @Test
    void secret_goes_when_nothing_authenticates_any_more() {
        String name = unique("open");
        put(name, BEARER, null).then().statusCode(201);

        put(name, "{\"http\": {\"baseUrl\": \"https://clinical.example.com:8443/api/v1\"}}", "*")
                .then()
                .statusCode(200)
                .body("hasSecret", equalTo(false));
        put(name, """
                {"http": {"baseUrl": "https://clinical.example.com:8443/api/v1", "authentication": {"type": "bearer"}}}""", "*").then().statusCode(422).body("violations.field", contains("secret"));
    }

    @Test
    void deleted_connection_is_gone() {
        String name = unique("gone");
        String tag = put(name, BEARER, null).header("ETag");

        api().delete(PATH, name).then().statusCode(428);
        api().header("If-Match", "\"other\"").delete(PATH, name).then().statusCode(412);
        api().header("If-Match", tag).delete(PATH, name).then().statusCode(204);

        api().get(PATH, name).then().statusCode(404);
        api().header("If-Match", "*").delete(PATH, name).then().statusCode(404);
        assertThatThrownBy(() -> connections.http(name))
                .isInstanceOf(ConnectionCallException.class)
                .hasMessageContaining("there is no connection named");
        String again = put(name, BEARER, null).header("ETag");
        assertThat(again).isNotEqualTo(tag);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{}                                                                        ~ http",
                "{\"http\": null}                                                          ~ http",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"postgresql\": {\"host\": \"h\", \"database\": \"d\", \"username\": \"u\"}} ~ postgresql",
                "{\"http\": {}}                                                            ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"\"}}                                           ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"clinical\"}}                                   ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"//host/x\"}}                                   ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"file:///etc/passwd\"}}                         ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"ftp://host\"}}                                 ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://\"}}                                    ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://u:p@host\"}}                            ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://host?x=1\"}}                            ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://host#f\"}}                              ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://host:99999\"}}                          ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://ho_st\"}}                               ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://host/a/../b\"}}                         ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://host/%2e%2e/b\"}}                       ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://host\\r\\nX: y\"}}                      ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": 5}}                                              ~ http.baseUrl",
                "{\"http\": {\"baseUrl\": \"http://a\", \"headers\": {\"Authorization\": \"x\"}}}   ~ http.headers.Authorization",
                "{\"http\": {\"baseUrl\": \"http://a\", \"headers\": {\"Host\": \"x\"}}}            ~ http.headers.Host",
                "{\"http\": {\"baseUrl\": \"http://a\", \"headers\": {\"X\": \"a\\r\\nB: c\"}}}     ~ http.headers.X",
                "{\"http\": {\"baseUrl\": \"http://a\", \"headers\": {\"X Y\": \"a\"}}}             ~ http.headers.X Y",
                "{\"http\": {\"baseUrl\": \"http://a\", \"headers\": {\"X\": 5}}}                   ~ http.headers.X",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"digest\"}}} ~ http.authentication.type",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"basic\"}}, \"secret\": \"x\"} ~ http.authentication.username",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"basic\", \"username\": \"a:b\"}}, \"secret\": \"x\"} ~ http.authentication.username",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"bearer\", \"username\": \"a\"}}, \"secret\": \"x\"} ~ http.authentication.username",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"header\"}}, \"secret\": \"x\"} ~ http.authentication.header",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"header\", \"header\": \"Content-Length\"}}, \"secret\": \"x\"} ~ http.authentication.header",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"bearer\"}}} ~ secret",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"bearer\"}}, \"secret\": \"\"} ~ secret",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"bearer\"}}, \"secret\": \"a\\r\\nX: y\"} ~ secret",
                "{\"http\": {\"baseUrl\": \"http://a\", \"authentication\": {\"type\": \"bearer\"}}, \"secret\": \"é\"} ~ secret",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": \"x\"}                ~ secret",
                "{\"http\": {\"baseUrl\": \"http://a\", \"maxResponseBytes\": 4194305}}    ~ http.maxResponseBytes",
                "{\"http\": {\"baseUrl\": \"http://a\", \"totalTimeoutMillis\": 300001}}   ~ http.totalTimeoutMillis",
                "{\"http\": {\"baseUrl\": \"http://a\", \"connectTimeoutMillis\": 0}}      ~ http.connectTimeoutMillis",
                "{\"http\": {\"baseUrl\": \"http://a\", \"secret\": \"x\"}}                ~ http.secret",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"name\": \"x\"}                  ~ name",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"hasSecret\": true}              ~ hasSecret",
                "{\"postgresql\": {\"host\": \"h\", \"database\": \"d\"}}                  ~ postgresql.username",
                "{\"postgresql\": {\"host\": \"h/x?ssl=false\", \"database\": \"d\", \"username\": \"u\"}}  ~ postgresql.host",
                "{\"postgresql\": {\"host\": \"a,b\", \"database\": \"d\", \"username\": \"u\"}}  ~ postgresql.host",
                "{\"postgresql\": {\"host\": \"/var/run\", \"database\": \"d\", \"username\": \"u\"}}  ~ postgresql.host",
                "{\"postgresql\": {\"host\": \"h\", \"port\": 65536, \"database\": \"d\", \"username\": \"u\"}}  ~ postgresql.port",
                "{\"postgresql\": {\"host\": \"h\", \"database\": \"d\\n\", \"username\": \"u\"}}  ~ postgresql.database",
                "{\"postgresql\": {\"host\": \"h\", \"database\": \"d\", \"username\": \"u\", \"maxConnections\": 21}}  ~ postgresql.maxConnections",
                "{\"postgresql\": {\"host\": \"h\", \"database\": \"d\", \"username\": \"u\", \"tls\": \"prefer\"}}  ~ postgresql.tls",
            })
    void field_that_is_wrong_is_named(String body, String field) {
        put(unique("wrong"), body, null)
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("violations.field", contains(field));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": 7312345}              ~ 7312345",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": [\"hunter2\"]}        ~ hunter2",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": \"hunter2\"}          ~ hunter2",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": \"hunter2\\u0000\"}   ~ hunter2",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": \"hunter2\\ud800\"}   ~ hunter2",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": hunter2}              ~ hunter2",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": \"hunter2             ~ hunter2",
                "{\"http\": {\"baseUrl\": \"http://a\"}, \"secret\": 'hunter2'}            ~ hunter2",
                "{\"secret\": \"hunter2\", \"secret\": \"hunter2\"}                        ~ hunter2",
            })
    void refused_secret_is_not_shown_either(String body, String secret) {
        Response refused = put(unique("shy"), body, null);

        assertThat(refused.statusCode()).isIn(400, 422);
        assertThat(refused.asString()).doesNotContain(secret);
    }

    @Test
    void list_is_paged_sorted_and_filtered() {
        String prefix = unique("list");
        put(prefix + "b", BEARER, null).then().statusCode(201);
        put(prefix + "a", POSTGRESQL, null).then().statusCode(201);

        api().queryParam("sort", "-createdAt")
                .queryParam("size", 2)
                .get("/connections")
                .then()
                .statusCode(200)
                .body("items.name", contains(prefix + "a", prefix + "b"))
                .body(not(containsString(SECRET)))
                .body("items.hasSecret", everyItem(equalTo(true)));
        api().queryParam("kind", "http")
                .queryParam("size", 500)
                .get("/connections")
                .then()
                .statusCode(200)
                .body("items.kind", everyItem(equalTo("http")));
        api().get("/connections?sort=settings&kind=x").then().statusCode(400);
        api().get("/connections?sort=sealedSecret").then().statusCode(400).body("violations.field", contains("sort"));
    }

    @ParameterizedTest
    @CsvSource({"%00", "%0a", "%e2%80%ae", "%20", "%2e%2e"})
    void what_is_no_name_creates_nothing(String name) {
        int status = api().urlEncodingEnabled(false)
                .body(BEARER)
                .put("/connections/" + name)
                .statusCode();

        assertThat(status).isIn(400, 404, 405, 422);
    }

    @Test
    void only_superadmins_may() {
        for (String token : List.of(Tokens.withRoles("mallory", "admin"), Tokens.withRoles("mallory"))) {
            given().auth().oauth2(token).get("/api/v1/connections").then().statusCode(403);
            given().auth()
                    .oauth2(token)
                    .contentType("application/json")
                    .body(BEARER)
                    .put("/api/v1/connections/x")
                    .then()
                    .statusCode(403);
        }
        given().get("/api/v1/connections").then().statusCode(401);
    }

    private static Response put(String name, String body, @Nullable String ifMatch) {
        var request = api().body(body);
        return (ifMatch == null ? request : request.header("If-Match", ifMatch)).put(PATH, name);
    }

    private static byte[] sealed(String name) throws SQLException {
        try (Connection connection = TestDatabase.ofThisJvm().connect();
                PreparedStatement select =
                        connection.prepareStatement("select sealed_secret from connection where name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                assertThat(row.next()).isTrue();
                return Objects.requireNonNull(row.getBytes(1));
            }
        }
    }

    private static void setSealed(String name, byte[] sealed) throws SQLException {
        try (Connection connection = TestDatabase.ofThisJvm().connect();
                PreparedStatement update =
                        connection.prepareStatement("update connection set sealed_secret = ? where name = ?")) {
            update.setBytes(1, sealed);
            update.setString(2, name);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    private static void update(String sql, String name) throws SQLException {
        try (Connection connection = TestDatabase.ofThisJvm().connect();
                PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, name);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    private static String rowOf(String name) throws SQLException {
        try (Connection connection = TestDatabase.ofThisJvm().connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("select c::text from connection c where name = '" + name + "'")) {
            assertThat(rows.next()).isTrue();
            return String.valueOf(rows.getString(1));
        }
    }
}
