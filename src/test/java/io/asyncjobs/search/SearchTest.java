package io.asyncjobs.search;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.patch;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SearchTest {

    @Test
    void a_text_is_found_wherever_it_stands_with_its_line() {
        String word = unique("Needle");
        String other = word.toLowerCase(Locale.ROOT);
        String job = idleJob(
                        "// first\nconst x = '" + other + "';\nlog.warn('said \"" + other + "\"', { at: '" + other
                                + "' });",
                        Map.of("description", "About " + word, "parameters", Map.of("of", word)))
                .getString("id");
        String run = String.valueOf(runNow(job).get("id"));
        api().body(Map.of("username", unique("user"), "displayName", word))
                .post("/accounts")
                .then()
                .statusCode(201);
        api().body(Map.of("http", Map.of("baseUrl", "https://" + other + ".example.org/")))
                .put("/connections/{name}", unique("service"))
                .then()
                .statusCode(201);

        JsonPath found = found(word, false);

        assertThat(found.getBoolean("complete")).isTrue();
        assertThat(found.getList("jobs.id")).containsExactly(job);
        assertThat(found.<Map<String, Object>>getList("jobs[0].matches"))
                .extracting(match -> match.get("field") + " " + match.get("line"))
                .containsExactly("description null", "parameters null", "script 2", "script 3");
        assertThat(found.getString("jobs[0].matches[2].text")).isEqualTo("const x = '" + other + "';");
        assertThat(found.getList("connections[0].matches.field")).containsExactly("http.baseUrl");
        assertThat(found.getList("accounts[0].matches.field")).containsExactly("displayName");
        assertThat(found.getList("runs.id")).containsExactly(run);
        assertThat(found.getString("runs[0].matches[0].text")).startsWith("said \"" + other);
    }

    @Test
    void scripts_of_earlier_revisions_are_found_where_they_are_asked_for() {
        String word = unique("gone");
        String job = idleJob("return '" + word + "';").getString("id");
        patch(job, Map.of("script", "return 2;"));

        assertThat(found(word, false).getList("jobs")).isEmpty();
        JsonPath found = found(word, true);

        assertThat(found.getList("jobs.id")).containsExactly(job);
        assertThat(found.getList("jobs[0].matches.revision")).containsExactly(1);
    }

    @Test
    void a_search_is_refused_without_enough_to_search_for_or_the_right_to() {
        for (String words : List.of("", " x ", "x".repeat(201))) {
            api().queryParam("q", words)
                    .get("/search")
                    .then()
                    .statusCode(400)
                    .body("detail", containsString("from 2 to 200"));
        }
        api().queryParam("q", "%_\\").get("/search").then().statusCode(200).body("jobs", empty());
        RestAssured.given()
                .auth()
                .oauth2(Tokens.withRoles("bob", "viewer"))
                .queryParam("q", "anything")
                .get("/api/v1/search")
                .then()
                .statusCode(403);
    }

    private static JsonPath found(String words, boolean revisions) {
        return api().queryParam("q", words)
                .queryParam("revisions", revisions)
                .get("/search")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }
}
