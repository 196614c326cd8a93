package io.asyncjobs.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.asyncjobs.testsupport.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.Chromium;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that was typed is lost: when the session ends, when somebody else saves, when a page is left by mistake. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class EditingInBrowserTest extends BrowserTest {

    private static final String LIST = "/admin/support/async-jobs";
    private static final int DESK = 1280;
    private static final int PHONE = 390;
    private static final double PATIENCE_MILLIS = 60_000;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_edit_of_300_lines_survives_the_end_of_the_session(boolean scripts) {
        JsonPath job = Api.idleJob("// first\r\nreturn 0;");
        String lines = IntStream.rangeClosed(1, 300)
                .mapToObj(i -> "log.info('line " + i + " <&> é');")
                .collect(Collectors.joining("\n"));
        try (Chromium.Visitor visitor = visitor(scripts, DESK)) {
            Page page = visitor.page();
            page.navigate(edit(job));
            write(page, "Script", "// first\n" + lines + "\nreturn 0;");
            page.locator("#job-description").fill("typed\nas well");
            // As the browser does when the token ends
            page.context().clearCookies();

            button(page, "Save").click();
            assertThat(page.getByText("Your session has ended, so nothing was saved."))
                    .isVisible();
            looksWell(visitor, scripts);
            page.getByLabel("Token").fill("no token at all");
            button(page, "Sign in").click();
            assertThat(page.getByText("This token is not valid here")).isVisible();
            page.getByLabel("Token").fill(Tokens.superadmin("alice"));
            button(page, "Sign in").click();

            assertThat(page.getByText("Your session had ended, so nothing was saved."))
                    .isVisible();
            assertThat(page.locator("textarea[name=script]")).hasValue("// first\n" + lines + "\nreturn 0;");
            assertThat(page.locator("#job-description")).hasValue("typed\nas well");
            assertThat(page.url()).doesNotContain("token");
            looksWell(visitor, scripts);
            button(page, "Save").click();
            assertThat(page.getByText("The changes were saved")).isVisible();
            assertThat(visitor.complaints()).isEmpty();
        }
        assertThat(now(job).getString("script"))
                .isEqualTo("// first\r\n" + lines.replace("\n", "\r\n") + "\r\nreturn 0;");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_conflict_of_three_is_settled_field_by_field(boolean scripts) {
        JsonPath job = Api.idleJob("const a = 1;\nreturn a;\n", Map.of("description", "first", "timeoutSeconds", 10));
        for (int width : new int[] {DESK, PHONE}) {
            String look = scripts + " " + width;
            try (Chromium.Visitor visitor = visitor(scripts, width)) {
                Page page = visitor.page();
                page.navigate(edit(job));
                write(page, "Script", "const a = 2; // mine " + look + "\nreturn a;\n");
                page.locator("#job-description").fill("mine " + look);
                page.locator("#job-timeoutSeconds").fill(width == DESK ? "20" : "21");
                int timeout = width == DESK ? 30 : 31;
                String theirs = "const a = 3; // theirs " + look + "\nreturn a;\n";
                Api.patch(
                        job.getString("id"),
                        Map.of(
                                "script",
                                theirs,
                                "description",
                                "theirs " + look,
                                "timeoutSeconds",
                                timeout,
                                "parameters",
                                Map.of("by", look)));

                button(page, "Save").click();

                assertThat(page.getByText("changed while you were editing")).isVisible();
                assertThat(page.locator("#job-script-conflict .new.changed").first())
                        .containsText("theirs " + look);
                assertThat(page.locator("#job-script-conflict .new.changed").last())
                        .containsText("mine " + look);
                assertThat(page.locator("textarea[name=parameters]")).hasValue("{\n  \"by\" : \"" + look + "\"\n}");
                looksWell(visitor, scripts);
                choose(page, "script", "Yours");
                choose(page, "description", "Theirs");
                choose(page, "timeoutSeconds", "Before");
                int before = now(job).getInt("timeoutSeconds");
                button(page, "Save").click();

                assertThat(page.getByText("The changes were saved")).isVisible();
                assertThat(visitor.complaints()).isEmpty();
                assertThat(before).isEqualTo(timeout);
            }
            assertThat(now(job).getString("script")).isEqualTo("const a = 2; // mine " + look + "\nreturn a;\n");
            assertThat(now(job).getString("description")).isEqualTo("theirs " + look);
            assertThat(now(job).getInt("timeoutSeconds")).isEqualTo(10);
            assertThat(now(job).getString("parameters.by")).isEqualTo(look);
        }
    }

    @Test
    void leaving_a_changed_form_asks_first() {
        JsonPath job = Api.idleJob("return 1;");
        try (Chromium.Visitor visitor = visitor(true, DESK)) {
            Page page = visitor.page();
            List<String> asked = new CopyOnWriteArrayList<>();
            page.onDialog(dialog -> {
                asked.add(dialog.type());
                dialog.dismiss();
            });
            page.navigate(edit(job));
            write(page, "Script", "return 'typed';");

            page.getByRole(
                            AriaRole.LINK,
                            new Page.GetByRoleOptions().setName("Cancel").setExact(true))
                    .click(new Locator.ClickOptions().setNoWaitAfter(true));

            await().atMost(Duration.ofSeconds(30)).until(() -> {
                page.title();
                return asked.equals(List.of("beforeunload"));
            });
            assertThat(page.locator("textarea[name=script]")).hasValue("return 'typed';");
            button(page, "Save").click();
            assertThat(page.getByText("The changes were saved")).isVisible();
            assertThat(asked).as("saving is no leaving").hasSize(1);
        }
    }

    @Test
    void a_form_that_is_too_large_is_not_sent_and_says_so() {
        try (Chromium.Visitor visitor = visitor(true, DESK)) {
            Page page = visitor.page();
            page.navigate(LIST + "/new");
            page.evaluate("document.querySelector('textarea[name=script]').value = '// long\\n'.repeat(300000)");

            button(page, "Save").click();

            assertThat(page.locator("#job-form [role=alert]")).containsText("Nothing was sent");
            assertThat(page.url()).endsWith("/new");
            assertThat(page.locator("textarea[name=script]")).hasValue("// long\n".repeat(300_000));
        }
    }

    @Test
    void a_live_page_says_aloud_that_the_session_has_ended() {
        JsonPath job = Api.idleJob("log.info('begins'); await sleep(55000); return 1;");
        String run = Api.startRun(job.getString("id"));
        try {
            String goesOn = LIST + "/" + job.getString("id") + "/runs/" + run;
            // Both wait at once for the end of their sessions
            try (Chromium.Visitor first = signedInForSeconds(LIST);
                    Chromium.Visitor second = signedInForSeconds(goesOn)) {
                signsInAgain(first, LIST);
                signsInAgain(second, goesOn);
            }
        } finally {
            api().post("/runs/{run}/cancel", run);
        }
    }

    private Chromium.Visitor signedInForSeconds(String path) {
        Chromium.Visitor visitor = stranger(true, ColorScheme.LIGHT, DESK);
        Page page = visitor.page();
        page.navigate("/admin/sign-in?next=" + path);
        page.getByLabel("Token").fill(shortToken());
        button(page, "Sign in").click();
        return visitor;
    }

    private static void signsInAgain(Chromium.Visitor visitor, String path) {
        Page page = visitor.page();
        Locator said = page.locator("[role=alert][aria-live=assertive]");
        assertThat(said)
                .containsText(
                        "Your session has ended.",
                        new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MILLIS));
        said.getByRole(AriaRole.LINK).click();
        page.getByLabel("Token").fill(Tokens.superadmin("alice"));
        button(page, "Sign in").click();
        page.waitForURL("**" + path);
        assertThat(visitor.complaints()).isEmpty();
    }

    @Test
    void the_filters_of_the_trail_are_typed_in_the_zone_in_which_its_rows_are_shown() {
        String name = Api.idleJob("return 1;").getString("id");
        try (Chromium.Visitor visitor = visitor(true, DESK)) {
            Page page = visitor.page();
            page.navigate("/admin/support/audit?entity=" + name + "&from=2026-01-31T12:00:00Z");

            // Five hours and three quarters before Greenwich
            assertThat(page.locator("#from")).hasValue("2026-01-31T17:45");
            assertThat(page.locator("label[for=from]")).containsText("Asia/K");
            assertThat(page.locator(".order")).containsText("Times in Asia/K");
            page.locator("#from").fill("2026-01-31T00:15:30");
            button(page, "Filter").click();
            page.waitForURL("**/audit?**from=2026-01-30T18%3A30%3A30.000Z**");
            assertThat(page.locator("#from")).hasValue("2026-01-31T00:15:30");
        }
        try (Chromium.Visitor visitor = visitor(false, DESK)) {
            Page page = visitor.page();
            page.navigate("/admin/support/audit?entity=" + name + "&from=2026-01-31T12:00:00Z");

            assertThat(page.locator("#from")).hasValue("2026-01-31T12:00");
            assertThat(page.locator("label[for=from]")).containsText("UTC");
            assertThat(page.locator(".event time").first()).containsText("UTC");
        }
    }

    /** What is looked for by scripts can be looked for only where they run. */
    private static void looksWell(Chromium.Visitor visitor, boolean scripts) {
        if (scripts) {
            assertThat(visitor.barriers()).isEmpty();
            assertThat(visitor.protruding()).isEmpty();
        }
    }

    private static String shortToken() {
        return Tokens.draft()
                .user("alice")
                .claim("groups", List.of(Tokens.SUPERADMIN))
                .expiresIn(Duration.ofSeconds(12))
                .sign();
    }

    private static void choose(Page page, String field, String value) {
        page.locator("#job-" + field + "-conflict label")
                .filter(new Locator.FilterOptions().setHasText(value))
                .first()
                .locator("input")
                .press("Space");
    }

    private static JsonPath now(JsonPath job) {
        return api().get("/jobs/{job}", job.getString("id")).jsonPath();
    }

    private static String edit(JsonPath job) {
        return LIST + "/" + job.getString("id") + "/edit";
    }

    private Chromium.Visitor visitor(boolean scripts, int width) {
        return visitor(scripts, ColorScheme.LIGHT, width);
    }
}
