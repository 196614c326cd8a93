package io.asyncjobs.provisioning;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import io.asyncjobs.testsupport.Chromium;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Pages;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page Provisioning: two people and their browsers. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
@TestProfile(SealedPlansTest.FourEyes.class)
class PagesOfPlansInBrowserTest {

    private static final int DESK = 1440;
    private static final int PHONE = 360;
    private static final String HARM = "<img src=x onerror=window.harmed=1>";

    private static Chromium browser;

    @BeforeAll
    static void open() {
        browser = Chromium.start();
    }

    @AfterAll
    static void close() {
        browser.close();
    }

    @Test
    void second_superadmin_reads_a_plan_as_a_diff_and_approves_it() {
        String job = unique("planned " + HARM);
        String manifest = """
                reason: "release %1$s"
                jobs:
                - name: "%2$s"
                  description: "%1$s"
                  script: |
                    // %1$s
                    return 1;
                """.formatted(HARM, job);
        String hash = planned(manifest);

        try (Chromium.Visitor author = visitor("alice", ColorScheme.LIGHT, DESK)) {
            Page page = author.page();
            page.navigate("/admin/support/provisioning");
            page.locator("a[href$='" + hash + "']").click();
            assertThat(page.getByText("You planned this, so somebody else approves it."))
                    .isVisible();
            assertThat(button(page, "Approve")).hasCount(0);
            lookAt(author);
        }
        try (Chromium.Visitor second = visitor("bob", ColorScheme.DARK, PHONE)) {
            Page page = second.page();
            page.navigate("/admin/support/provisioning/plans/" + hash);
            assertThat(page.locator("h3", new Page.LocatorOptions().setHasText(job)))
                    .containsText("Create job");
            assertThat(page.locator("pre.diff .added").first()).hasText("+// " + HARM);
            lookAt(second);

            page.locator("#approval-reason").fill("  ");
            button(page, "Approve").click();
            assertThat(page.locator(".errors")).containsText("Reason must not be blank");
            lookAt(second);

            page.locator("#approval-reason").fill("reviewed " + HARM);
            button(page, "Approve").click();
            assertThat(page.locator("[role=status]")).containsText("The plan is approved");
            assertThat(page.locator(".status.plan-approved")).isVisible();
            assertThat(button(page, "Approve")).hasCount(0);
            lookAt(second);
        }

        exactApi()
                .contentType("application/yaml")
                .body(manifest.getBytes(StandardCharsets.UTF_8))
                .queryParam("plan", hash)
                .post("/provisioning/apply")
                .then()
                .statusCode(200);
        api().get("/provisioning/plans/{hash}", hash)
                .then()
                .body("state", equalTo("applied"))
                .body("approvedBy", equalTo("bob"));
    }

    @Test
    void uploaded_export_is_shown_beside_this_environment() {
        String job = unique("compared " + HARM);
        String id = api().body("""
                        {"name": "%s", "pollIntervalSeconds": 300, "script": "// %s\\nreturn 1;\\n"}
                        """.formatted(job, HARM))
                .post("/jobs")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        String export = exactApi()
                .accept("application/yaml")
                .queryParam("name", job)
                .get("/provisioning/export")
                .asString();

        try (Chromium.Visitor visitor = visitor("alice", ColorScheme.LIGHT, DESK)) {
            Page page = visitor.page();
            page.navigate("/admin/support/provisioning");

            String changed = export.replace("return 1;", "return 2;").replace(": 300", ": 60");
            compare(page, "same.yaml", changed + jobsThatComeFirst());

            Locator section = page.locator(".compared", new Page.LocatorOptions().setHasText(job));
            assertThat(section).containsText("differs");
            assertThat(section.locator("tr", new Locator.LocatorOptions().setHasText("Poll interval")))
                    .containsText("300");
            assertThat(section.locator(".sides .old.changed")).containsText("return 1;");
            assertThat(section.locator(".sides .new.changed")).containsText("return 2;");
            lookAt(visitor);

            compare(page, "unseen.yaml", export.replace("return 1;", "return 1; "));
            assertThat(page.locator(".compared", new Page.LocatorOptions().setHasText(job)))
                    .containsText("differ only in what cannot be seen: trailing blanks");

            compare(page, HARM + ".yaml", "jobs:\n- name: x\n  script: [");
            assertThat(page.locator(".errors")).containsText("Nothing was compared");
            lookAt(visitor);

            compare(page, "faults.yaml", "jobs:\n- name: x\n  pollIntervalSeconds: 301\n  script: return 1;\n");
            assertThat(page.locator(".errors li")).containsText("line 3: jobs[0].pollIntervalSeconds");

            String fingerprint = exactApi().get("/provisioning/fingerprint").asString();
            compare(page, "fingerprint.json", fingerprint);
            assertThat(page.locator("[role=status]")).containsText("The active jobs are the same");
        } finally {
            api().post("/jobs/{job}/archive", id);
        }
    }

    @Test
    void compare_without_a_file_says_so_and_without_a_session_compares_nothing() {
        Pages.page()
                .header("Sec-Fetch-Site", "same-origin")
                .multiPart("other", "", new byte[0])
                .post("/admin/support/provisioning/compare")
                .then()
                .statusCode(422);
        RestAssured.given()
                .redirects()
                .follow(false)
                .header("Sec-Fetch-Site", "same-origin")
                .accept("text/html")
                .multiPart("other", "export.yaml", "jobs: []".getBytes(StandardCharsets.UTF_8))
                .post("/admin/support/provisioning/compare")
                .then()
                .statusCode(401);
        Pages.page()
                .header("Sec-Fetch-Site", "cross-site")
                .multiPart("other", "export.yaml", "jobs: []".getBytes(StandardCharsets.UTF_8))
                .post("/admin/support/provisioning/compare")
                .then()
                .statusCode(403);
    }

    @Test
    void export_is_downloaded_as_the_api_gives_it() {
        byte[] yaml = download("yaml").asByteArray();

        assertThat(yaml)
                .isEqualTo(exactApi()
                        .accept("application/yaml")
                        .get("/provisioning/export")
                        .asByteArray());
        download("zip").then().statusCode(200).header("Content-Disposition", "attachment; filename=\"jobs.zip\"");
    }

    /** More than the page shows, with names before all others. */
    private static String jobsThatComeFirst() {
        return IntStream.range(0, 120)
                .mapToObj("  - name: \"!%03d\"\n    script: return 1;\n"::formatted)
                .collect(Collectors.joining());
    }

    private static Response download(String form) {
        return Pages.page().accept("text/html,*/*;q=0.8").get("/admin/support/export/{form}", form);
    }

    private static void compare(Page page, String name, String content) {
        page.locator("#other")
                .setInputFiles(
                        new FilePayload(name, "application/octet-stream", content.getBytes(StandardCharsets.UTF_8)));
        page.waitForResponse(response -> response.request().isNavigationRequest(), () -> button(page, "Compare")
                .click());
        page.waitForLoadState();
    }

    private Chromium.Visitor visitor(String user, ColorScheme look, int width) {
        return browser.visitor("http://127.0.0.1:" + RestAssured.port, true, look, width)
                .signedIn(Tokens.superadmin(user));
    }

    private static void lookAt(Chromium.Visitor visitor) {
        Page page = visitor.page();
        page.waitForLoadState();
        assertThat(page.evaluate("window.harmed === undefined")).isEqualTo(true);
        assertThat(page.locator("main [onerror]")).hasCount(0);
        assertThat(visitor.barriers()).isEmpty();
        assertThat(visitor.protruding()).isEmpty();
    }

    private static Locator button(Page page, String text) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(text).setExact(true));
    }

    private static String planned(String manifest) {
        return exactApi()
                .contentType("application/yaml")
                .body(manifest.getBytes(StandardCharsets.UTF_8))
                .post("/provisioning/plan")
                .then()
                .statusCode(200)
                .extract()
                .path("hash");
    }
}
