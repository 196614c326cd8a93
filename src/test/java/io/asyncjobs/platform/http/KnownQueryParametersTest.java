package io.asyncjobs.platform.http;

import static io.asyncjobs.testsupport.Api.api;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class KnownQueryParametersTest {

    private static final String NOTHING = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f";

    @Test
    void every_operation_refuses_a_parameter_that_the_document_does_not_name_and_names_those_it_does() {
        Map<String, Map<String, Map<String, Object>>> paths = given().auth()
                .oauth2(Tokens.superadmin("alice"))
                .get("/q/openapi?format=json")
                .jsonPath()
                .getMap("paths");
        List<String> tried = new ArrayList<>();

        paths.forEach((path, operations) -> operations.forEach((method, operation) -> {
            TreeSet<String> documented = new TreeSet<>();
            if (operation.get("parameters") instanceof List<?> parameters) {
                for (Object parameter : parameters) {
                    if (parameter instanceof Map<?, ?> one && "query".equals(one.get("in"))) {
                        documented.add(String.valueOf(one.get("name")));
                    }
                }
            }
            String address = path.replaceAll("\\{[^}]+}", NOTHING);
            Response answer = given().auth()
                    .oauth2(Tokens.superadmin("alice"))
                    .header("If-Match", "*")
                    .contentType("application/json")
                    .body(method.equals("get") || method.equals("delete") ? "" : "{}")
                    .request(method.toUpperCase(Locale.ROOT), address + "?nmae=x");

            assertThat(answer.statusCode()).as(method + " " + path).isEqualTo(400);
            assertThat(answer.jsonPath().getList("violations.field"))
                    .as(method + " " + path)
                    .isEqualTo(List.of("nmae"));
            assertThat(answer.jsonPath().getString("violations[0].message"))
                    .as(method + " " + path)
                    .isEqualTo("is not a query parameter that is known here; "
                            + (documented.isEmpty() ? "there are none" : "known are " + String.join(", ", documented)));
            tried.add(path);
        }));
        assertThat(tried).hasSizeGreaterThan(40);
    }

    @Test
    void all_that_is_wrong_with_the_query_is_said_at_once() {
        api().queryParam("jobId", "nonsense")
                .queryParam("size", 5, 6)
                .queryParam("a.b", "1")
                .get("/audit")
                .then()
                .statusCode(400)
                .body("violations.field.sort()", contains("[\"a.b\"]", "jobId", "size"))
                .body("detail", containsString("size is given more than once"));
    }

    @ParameterizedTest
    @CsvSource({
        "/jobs?size=many, size",
        "/jobs?archived=yes, archived",
        "/jobs?page=-1, page",
        "/jobs/x/runs?outcome=great, outcome",
        "/jobs/x/runs?from=yesterday, from",
        "/jobs/x/runs?after=17, after",
        "/jobs/x/ticks/series?buckets=1.5, buckets",
        "/audit?to=2026-13-01T00:00:00Z, to",
        "/audit?after=first, after",
        "/cluster/nodes?live=maybe, live",
        "/accounts?active=1, active",
    })
    void parameter_of_another_type_is_refused_by_name(String address, String field) {
        api().get(address).then().statusCode(400).body("violations.field", equalTo(List.of(field)));
    }
}
