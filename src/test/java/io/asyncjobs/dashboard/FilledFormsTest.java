package io.asyncjobs.dashboard;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Pages.form;
import static io.asyncjobs.testsupport.Pages.page;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.HtmlForm;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Forms work with what they are filled with, and say everything that is wrong at once. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class FilledFormsTest {

    private static final String SUPPORT = "/admin/support";

    @Test
    void a_web_service_is_added_with_what_the_form_is_filled_with() {
        String name = Api.unique("filled");
        String action = SUPPORT + "/new-connection?kind=http";

        HtmlForm.of(page().get(action), action)
                .with("name", name)
                .with("http.baseUrl", "https://clinical.example.com")
                .send(form(), action)
                .then()
                .statusCode(303);

        assertThat(api().get("/connections/{name}", name).jsonPath().getMap("http.headers"))
                .isEmpty();
    }

    @Test
    void a_database_is_added_with_what_the_form_is_filled_with() {
        String action = SUPPORT + "/new-connection?kind=postgresql";

        HtmlForm.of(page().get(action), action)
                .with("name", Api.unique("filled"))
                .with("postgresql.host", "db.example.com")
                .with("postgresql.database", "edc")
                .with("postgresql.username", "scripts")
                .send(form(), action)
                .then()
                .statusCode(303);
    }

    @Test
    void an_account_is_added_with_what_the_form_is_filled_with() {
        String action = SUPPORT + "/new-account";

        HtmlForm.of(page().get(action), action)
                .with("username", Api.unique("filled"))
                .send(form(), action)
                .then()
                .statusCode(303);
    }

    @Test
    void a_job_is_added_with_what_the_form_is_filled_with() {
        String action = SUPPORT + "/async-jobs/new";
        String name = Api.unique("filled");

        HtmlForm.of(page().get(action), action)
                .with("name", name)
                .with("script", "return 1;")
                .sendInParts(form(), action)
                .then()
                .statusCode(303);

        Api.archive(name);
    }

    @Test
    void what_is_stored_is_saved_again_without_a_change() {
        String name = Api.unique("again");
        api().body("""
                {"description": "one\\r\\ntwo", "secret": "stored", "http": {"baseUrl": "https://clinical.example.com",
                 "headers": {"X-B": "1", "X-A": "2"}, "authentication": {"type": "header", "header": "X-Key"}}}""").put("/connections/{name}", name).then().statusCode(201);
        String action = SUPPORT + "/connections/" + name;

        Response saved = HtmlForm.of(page().get(action), action).send(form(), action);

        assertThat(saved.header("Location")).endsWith("?done=unchanged");
    }

    @Test
    void all_faults_of_a_connection_are_said_at_once() {
        String action = SUPPORT + "/new-connection?kind=http";
        String taken = Api.unique("taken");
        api().body("{\"http\": {\"baseUrl\": \"https://clinical.example.com\"}}")
                .put("/connections/{name}", taken)
                .then()
                .statusCode(201);

        String refused = HtmlForm.of(page().get(action), action)
                .with("name", "bad\u202Ename")
                .with("http.baseUrl", "ftp://example.com")
                .with("http.authentication.type", "basic")
                .with("http.headers", "no colon\nHost: x")
                .with("http.connectTimeoutMillis", "1")
                .send(form(), action)
                .asString();

        for (String field : List.of(
                "name",
                "http.baseUrl",
                "http.authentication.username",
                "http.headers",
                "http.connectTimeoutMillis",
                "secret")) {
            assertThat(refused).contains("id=\"connection-" + field + "-fault\"");
        }
        assertThat(refused).contains("must be one a line", "Host");
        String again = HtmlForm.of(page().get(action), action)
                .with("name", taken)
                .with("http.baseUrl", "")
                .send(form(), action)
                .asString();
        assertThat(again).contains("id=\"connection-http.baseUrl-fault\"", "id=\"connection-name-fault\"");
    }

    @Test
    void all_faults_of_a_database_are_said_at_once() {
        String action = SUPPORT + "/new-connection?kind=postgresql";

        String refused = HtmlForm.of(page().get(action), action)
                .with("postgresql.host", "not a host")
                .with("postgresql.port", "70000")
                .send(form(), action)
                .asString();

        for (String field :
                List.of("name", "postgresql.host", "postgresql.port", "postgresql.database", "postgresql.username")) {
            assertThat(refused).contains("id=\"connection-" + field + "-fault\"");
        }
    }

    @Test
    void all_faults_of_an_account_are_said_at_once() {
        String action = SUPPORT + "/new-account";
        String taken = Api.unique("taken");
        api().body("{\"username\": \"" + taken + "\"}").post("/accounts").then().statusCode(201);

        String refused = HtmlForm.of(page().get(action), action)
                .with("username", taken)
                .with("email", "nowhere")
                .send(form(), action)
                .asString();

        assertThat(refused).contains("id=\"account-username-fault\"", "id=\"account-email-fault\"");
    }
}
