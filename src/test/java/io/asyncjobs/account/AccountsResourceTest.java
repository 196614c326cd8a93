package io.asyncjobs.account;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class AccountsResourceTest {

    private static final String PATH = "/api/v1/accounts";
    private static final String INSTANT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z";

    @Inject
    Accounts accounts;

    @Test
    void created_account_is_found_by_its_name_in_any_case() {
        String name = unique("Ada Lövelace");

        Response created = post("{\"username\": \"  " + name + " \"}");

        created.then()
                .statusCode(201)
                .header("Location", endsWith("/api/v1/accounts/" + encoded(name)))
                .header("ETag", endsWith("-0\""))
                .body("username", equalTo(name))
                .body("displayName", equalTo(name))
                .body("kind", equalTo("person"))
                .body("email", nullValue())
                .body("active", equalTo(true))
                .body("createdBy", equalTo("alice"))
                .body("updatedBy", equalTo("alice"))
                .body("createdAt", matchesPattern(INSTANT));
        Response read = as("bob").get(PATH + "/{name}", name.toUpperCase(java.util.Locale.ROOT));
        read.then().statusCode(200).header("ETag", created.header("ETag")).header("Cache-Control", "private, no-cache");
        assertThat(read.jsonPath().<Object>get()).isEqualTo(created.jsonPath().get());
        as("bob")
                .header("If-None-Match", created.header("ETag"))
                .get(PATH + "/{name}", name)
                .then()
                .statusCode(304);
    }

    @Test
    void account_equal_but_for_case_or_form_is_refused() {
        String name = unique("Café");
        post("{\"username\": \"" + name + "\"}").then().statusCode(201);

        post("{\"username\": \"" + name.toUpperCase(java.util.Locale.ROOT).replace("É", "E\u0301") + "\"}")
                .then()
                .statusCode(409)
                .contentType("application/problem+json")
                .body("type", equalTo("https://asyncjobs.io/problems#account-exists"));
    }

    @Test
    void of_many_equal_creates_one_wins() throws Exception {
        String body = "{\"username\": \"" + unique("rush") + "\"}";
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                calls.add(() -> post(body).statusCode());
            }
            for (Future<Integer> status : threads.invokeAll(calls)) {
                statuses.add(status.get());
            }
        }

        Map<Integer, Long> counts =
                statuses.stream().collect(Collectors.groupingBy(status -> status, Collectors.counting()));
        assertThat(counts).isEqualTo(Map.of(201, 1L, 409, 99L));
    }

    @Test
    void replaced_account_keeps_its_origin() {
        String name = unique("grace");
        post("{\"username\": \"" + name + "\"}").then().statusCode(201);

        as("bob")
                .body(
                        "{\"username\": \"" + name
                                + "\", \"displayName\": \"Grace Hopper\", \"kind\": \"system\", \"email\": \"g@example.com\", \"active\": false}")
                .put(PATH + "/{name}", name)
                .then()
                .statusCode(200)
                .header("ETag", endsWith("-1\""))
                .body("displayName", equalTo("Grace Hopper"))
                .body("kind", equalTo("system"))
                .body("active", equalTo(false))
                .body("createdBy", equalTo("alice"))
                .body("updatedBy", equalTo("bob"));
        assertThat(accounts.requireActive(name)).isEmpty();
    }

    @Test
    void change_of_an_older_state_is_refused() {
        String name = unique("stale");
        String body = "{\"username\": \"" + name + "\", \"displayName\": \"x\"}";
        String tag = post("{\"username\": \"" + name + "\"}").header("ETag");

        as("bob")
                .header("If-Match", tag)
                .body(body)
                .put(PATH + "/{name}", name)
                .then()
                .statusCode(200);
        as("bob")
                .header("If-Match", tag)
                .body(body)
                .put(PATH + "/{name}", name)
                .then()
                .statusCode(412)
                .body("type", equalTo("https://asyncjobs.io/problems#stale"));
        as("bob")
                .header("If-Match", "0")
                .body(body)
                .put(PATH + "/{name}", name)
                .then()
                .statusCode(400);
    }

    @Test
    void account_is_never_renamed() {
        String name = unique("fixed");
        post("{\"username\": \"" + name + "\"}").then().statusCode(201);

        as("bob")
                .body("{\"username\": \"other\"}")
                .put(PATH + "/{name}", name)
                .then()
                .statusCode(422)
                .body("violations.field", contains("username"));
    }

    @Test
    void the_system_account_is_there_and_stays() {
        as("bob").get(PATH + "/system").then().statusCode(200).body("kind", equalTo("system"));
        as("bob")
                .body("{\"username\": \"system\", \"kind\": \"system\", \"active\": false}")
                .put(PATH + "/system")
                .then()
                .statusCode(409)
                .body("type", equalTo("https://asyncjobs.io/problems#account-protected"));
        assertThat(accounts.requireActive("System")).isPresent();
        assertThat(accounts.requireActive("nobody")).isEmpty();
        assertThat(accounts.requireActive("\u0000")).isEmpty();
    }

    @Test
    void unknown_account_is_a_problem() {
        as("bob")
                .get(PATH + "/{name}", "no such one")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("type", equalTo("https://asyncjobs.io/problems#unknown"))
                .body("instance", equalTo("/api/v1/accounts/no%20such%20one"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%00", "%ff", "a%2Fb", "%e2%80%ae", "..%2f..%2fq", "'%20or%201=1"})
    void strange_names_in_the_path_are_unknown(String name) {
        int status = as("bob").urlEncodingEnabled(false).get(PATH + "/" + name).statusCode();

        assertThat(status).isIn(400, 404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                                    | username",
                "{\"username\": \" \"}                                 | username",
                "{\"username\": \"a\\u0000\"}                          | username",
                "{\"username\": \"a\\u202eb\"}                         | username",
                "{\"username\": 5}                                     | username",
                "{\"username\": \"${x}\\n\"}                           | username",
                "{\"username\": \"x\", \"email\": \"nowhere\"}         | email",
                "{\"username\": \"x\", \"displayName\": \"\\ud800\"}   | displayName",
                "{\"username\": \"x\", \"kind\": \"PERSON\"}           | kind",
                "{\"username\": \"x\", \"active\": null}               | active",
                "{\"username\": \"x\", \"id\": 1}                      | id",
                "{\"username\": \"x\", \"createdBy\": \"me\"}          | createdBy",
                "{\"username\": \"x\", \"username\": \"y\"}            | username",
            })
    void field_that_is_wrong_is_named(String body, String field) {
        post(body)
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("type", equalTo("https://asyncjobs.io/problems#invalid"))
                .body("violations.field", contains(field))
                .body("violations.pointer", contains("/" + field));
    }

    @Test
    void list_is_paged_sorted_and_filtered() {
        String prefix = unique("list");
        for (String suffix : List.of("b", "a", "c")) {
            post("{\"username\": \"" + prefix + suffix + "\", \"active\": " + !suffix.equals("c") + "}")
                    .then()
                    .statusCode(201);
        }

        as("bob")
                .queryParam("sort", "-createdAt")
                .queryParam("size", 2)
                .get(PATH)
                .then()
                .statusCode(200)
                .body("page", equalTo(0))
                .body("size", equalTo(2))
                .body("total", greaterThanOrEqualTo(4))
                .body("items.size()", equalTo(2))
                .body("items.username", contains(prefix + "c", prefix + "a"));
        as("bob")
                .queryParam("active", "false")
                .queryParam("size", 500)
                .get(PATH)
                .then()
                .body("items.active", everyItem(equalTo(false)))
                .body("items.username", hasItem(prefix + "c"))
                .body("items.username", not(hasItem(prefix + "a")));
        as("bob")
                .queryParam("page", 1_000_000)
                .queryParam("size", 500)
                .get(PATH)
                .then()
                .statusCode(200)
                .body("items.size()", equalTo(0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sort=name'%20or%201=1        | sort",
                "sort=id%3Bdrop               | sort",
                "sort=username;drop           | sort",
                "sort=password                | sort",
                "size=501                     | size",
                "size=0                       | size",
                "size=1000000000              | size",
                "size=99999999999999999999    | size",
                "page=-1                      | page",
                "page=1.5                     | page",
                "page=1000001                 | page",
                "active=perhaps               | active",
            })
    void query_parameter_that_is_wrong_is_named(String query, String parameter) {
        as("bob")
                .urlEncodingEnabled(false)
                .get(PATH + "?" + query)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("violations.field", contains(parameter));
    }

    @Test
    void query_parameters_that_are_wrong_are_named_at_once() {
        as("bob")
                .get(PATH + "?page=x&size=y&sort=z")
                .then()
                .statusCode(400)
                .body("violations.field", containsInAnyOrder("page", "size", "sort"));
    }

    private static Response post(String body) {
        return as("alice").body(body).post(PATH);
    }

    private static RequestSpecification as(String user) {
        return given().auth().oauth2(Tokens.superadmin(user)).contentType("application/json");
    }

    private static String unique(String name) {
        return name + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    private static String encoded(String name) {
        return java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8)
                .replace("+", "%20");
    }
}
