package io.asyncjobs.dashboard;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Pages.COOKIE;
import static io.asyncjobs.testsupport.Pages.form;
import static io.asyncjobs.testsupport.Pages.page;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.Cookie;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SignInTest {

    private static final String LIST = "/admin/support/async-jobs";

    @ParameterizedTest
    @ValueSource(strings = {"/", LIST, "/admin/support/audit", "/admin/nowhere"})
    void a_page_without_a_token_is_the_form_to_sign_in(String path) {
        given().accept("text/html")
                .redirects()
                .follow(false)
                .get(path)
                .then()
                .statusCode(401)
                .contentType("text/html;charset=UTF-8")
                .header("Content-Security-Policy", containsString("'none'"))
                .header("X-Frame-Options", "DENY")
                .body(containsString("name=\"token\""));
    }

    @Test
    void the_form_leads_on_to_the_page_that_was_asked_for() {
        given().accept("text/html")
                .get(LIST + "?q=a&outcome=failed")
                .then()
                .statusCode(401)
                .body(containsString("name=\"next\" value=\"" + LIST + "?q=a&amp;outcome=failed\""));

        signIn(Tokens.superadmin("alice"), LIST + "?q=a")
                .then()
                .statusCode(303)
                .header("Location", equalTo(LIST + "?q=a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.org/",
                "//example.org/admin/support/x",
                "/\\example.org",
                "/admin/support/\\example.org",
                "javascript:alert(1)",
                "/admin/support/x\r\nSet-Cookie: a=b",
                ""
            })
    void nobody_is_led_elsewhere(String next) {
        signIn(Tokens.superadmin("alice"), next).then().statusCode(303).header("Location", equalTo(LIST));
    }

    @Test
    void the_cookie_is_for_this_site_alone_and_ends_with_the_token() {
        Cookie cookie = signIn(
                        Tokens.draft()
                                .user("alice")
                                .claim("groups", List.of("superadmin"))
                                .sign(),
                        LIST)
                .detailedCookie(COOKIE);

        assertThat(cookie.isHttpOnly()).isTrue();
        assertThat(cookie.getSameSite()).isEqualTo("Strict");
        assertThat(cookie.getPath()).isEqualTo("/");
        assertThat(cookie.isSecured()).as("this test has no TLS").isFalse();
        assertThat(Duration.ofSeconds(cookie.getMaxAge())).isBetween(Duration.ofSeconds(30), Duration.ofHours(24));
        given().accept("text/html")
                .cookie(COOKIE, cookie.getValue())
                .get(LIST)
                .then()
                .statusCode(200);
    }

    @Test
    void a_pasted_header_is_taken_for_the_token_in_it() {
        signIn("  Bearer " + Tokens.superadmin("alice") + "\n", LIST).then().statusCode(303);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "a.b.c", "<img src=x onerror=alert(1)>"})
    void what_is_no_token_is_refused(String token) {
        signIn(token, LIST)
                .then()
                .statusCode(401)
                .cookies(Map.of())
                .body(containsString("role=\"alert\""))
                .body(not(containsString("onerror")));
    }

    @Test
    void a_token_without_the_role_is_refused_and_told_of() {
        String eve = Api.unique("eve");

        assertThat(signIn(Tokens.withRoles(eve, "viewer"), LIST).statusCode()).isEqualTo(403);
        assertThat(given().accept("text/html")
                        .cookie(COOKIE, Tokens.withRoles(eve, "viewer"))
                        .get(LIST)
                        .statusCode())
                .isEqualTo(403);
        await().untilAsserted(() -> assertThat(
                        api().queryParam("actor", eve).get("/audit").jsonPath().getList("items.action"))
                .contains("refuse"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc"})
    void a_form_whose_parts_do_not_end_is_refused(String body) {
        given().redirects()
                .follow(false)
                .header("Sec-Fetch-Site", "same-origin")
                .header("Content-Type", "multipart/form-data; boundary=x")
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post("/admin/sign-in")
                .then()
                .statusCode(400);
    }

    @Test
    void signing_out_makes_the_browser_forget() {
        Response out = form().post("/admin/sign-out");

        out.then().statusCode(303).header("Location", equalTo("/admin/sign-in"));
        assertThat(out.detailedCookie(COOKIE).getMaxAge()).isZero();
        assertThat(out.detailedCookie(COOKIE).getValue()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site", "none", ""})
    void what_another_site_makes_a_browser_send_changes_nothing(String site) {
        String job = Api.idleJob("return 1").getString("id");
        RequestSpecification forged = page().contentType("application/x-www-form-urlencoded");
        if (!site.isEmpty()) {
            forged.header("Sec-Fetch-Site", site);
        }
        forged.header("Origin", "https://evil.example");

        assertThat(forged.post("/admin/sign-out").statusCode()).isEqualTo(403);
        assertThat(given().header("Sec-Fetch-Site", "cross-site")
                        .formParam("token", Tokens.superadmin("mallory"))
                        .post("/admin/sign-in")
                        .statusCode())
                .as("nobody is signed in as somebody else")
                .isEqualTo(403);
        assertThat(given().header("Origin", "https://evil.example")
                        .header("If-Match", "*")
                        .cookie(COOKIE, Tokens.superadmin("alice"))
                        .post("/api/v1/jobs/{job}/archive", job)
                        .statusCode())
                .as("the cookie opens the API to our pages only")
                .isEqualTo(403);
        assertThat(api().get("/jobs/{job}", job).jsonPath().getBoolean("archived"))
                .isFalse();
    }

    @Test
    void an_older_browser_says_by_its_origin_that_a_form_is_ours() {
        int port = RestAssured.port;

        assertThat(page().header("Origin", "http://localhost:" + port)
                        .header("Host", "localhost:" + port)
                        .post("/admin/sign-out")
                        .statusCode())
                .isEqualTo(303);
        for (String origin : List.of("null", "http://localhost:1", "http://localhost.evil.example:" + port, "x y")) {
            assertThat(page().header("Origin", origin)
                            .header("Host", "localhost:" + port)
                            .post("/admin/sign-out")
                            .statusCode())
                    .as(origin)
                    .isEqualTo(403);
        }
    }

    @Test
    void the_component_goes_with_the_system_setting() {
        String etag = api().get("/settings/async-job-manager").header("ETag");
        String off = api().header("If-Match", etag)
                .body(Map.of("enabled", false))
                .put("/settings/async-job-manager")
                .header("ETag");
        try {
            page().get(LIST).then().statusCode(404).body(containsString("switched off"));
            assertThat(api().get("/jobs").statusCode()).isEqualTo(200);
        } finally {
            api().header("If-Match", off)
                    .body(Map.of("enabled", true))
                    .put("/settings/async-job-manager")
                    .then()
                    .statusCode(200);
        }
        page().get(LIST).then().statusCode(200);
    }

    @Test
    void a_program_gets_problems_as_everywhere() {
        given().accept("*/*").get("/admin/nowhere").then().statusCode(401).contentType("application/problem+json");
    }

    private static Response signIn(String token, String next) {
        return given().redirects()
                .follow(false)
                .accept("text/html")
                .header("Sec-Fetch-Site", "same-origin")
                .formParam("token", token)
                .formParam("next", next)
                .post("/admin/sign-in");
    }
}
