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
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard as people meet it: in a browser, with scripts and without. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class PagesInBrowserTest extends BrowserTest {

    private static final String LIST = "/admin/support/async-jobs";
    private static final int DESK = 1440;
    private static final int PHONE = 360;
    private static final double PATIENCE_MILLIS = 60_000;

    /** Nowhere in it may a line end. */
    private static final String UNBROKEN = "Unbroken".repeat(40);

    /** Names and texts that must never be anything but text. */
    private static final String HOSTILE =
            "<img src=x onerror=\"window.harmed=1\"></script><script>window.harmed=1</script>\u202Eevil\u202C '\"`{7*7}"
                    + UNBROKEN;

    /** As much of it as a name can hold. */
    private static final String HOSTILE_NAME = "<img src=x onerror=\"window.harmed=1\">";

    private static final String MADE_OF_TEXT = "//*[@onerror] | //b[.='user'] | //script[contains(., 'harmed')]";

    private static final List<ColorScheme> LOOKS = List.of(ColorScheme.LIGHT, ColorScheme.DARK);

    @Test
    void a_token_behind_the_hash_signs_in_and_leaves_no_trace_in_the_address() {
        try (Chromium.Visitor visitor = visitor(true)) {
            Page page = visitor.page();

            page.navigate("/admin/sign-in#token=" + Tokens.superadmin("alice"));

            assertThat(heading(page, "Async Jobs")).isVisible();
            assertThat(page.url()).doesNotContain("token");
            page.goBack();
            assertThat(page.url()).doesNotContain("token");
            assertThat(visitor.complaints()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_job_is_led_through_its_life(boolean scripts) {
        String name = Api.unique(scripts ? "walk" : "plain-walk");
        try (Chromium.Visitor visitor = visitor(scripts)) {
            Page page = visitor.page();

            // Signs in
            page.navigate("/");
            page.getByLabel("Token").fill(Tokens.superadmin("alice"));
            button(page, "Sign in").click();
            assertThat(heading(page, "Async Jobs")).isVisible();

            // Adds a job
            link(page, "Add a job").click();
            page.locator("#job-name").fill(name);
            write(page, "log.info('hello ' + params.who); return { version: 1 };");
            page.locator("#job-pollIntervalSeconds").fill("1");
            write(page, "Parameters (JSON)", "{\"who\": \"world\"}");
            button(page, "Save").click();
            assertThat(heading(page, name)).isVisible();
            assertThat(page.getByText("The job was created")).isVisible();

            // Sees it run
            seesARun(page, scripts);
            page.locator("table.runs tr:has(.outcome.succeeded) th a").first().click();
            assertThat(page.locator(".log")).containsText("hello world");
            assertThat(page.getByText("\"version\" : 1")).isVisible();
            link(page, name).click();

            // Edits it with a mistake, which is said beside the field
            link(page, "Edit").click();
            page.locator("#job-pollIntervalSeconds").fill("301");
            write(page, "return (;");
            button(page, "Save").click();
            assertThat(page.locator("#job-pollIntervalSeconds-fault")).containsText("1 to 300");
            assertThat(page.locator("#job-pollIntervalSeconds")).hasValue("301");
            page.locator("#job-pollIntervalSeconds").fill("300");
            button(page, "Save").click();
            assertThat(page.locator("#job-script-fault")).isVisible();

            // Tries it, mends it, looks at the difference, saves
            write(page, "await state.set('seen', params.who); return { version: 2 };");
            button(page, "Try it").click();
            assertThat(page.locator(".trial .outcome")).hasText("succeeded");
            assertThat(page.locator(".trial .effects")).containsText("state.set");
            button(page, "Review changes").click();
            assertThat(page.locator(".sides .new.changed").first()).containsText("version: 2");
            page.getByLabel("Reason").fill("mended");
            button(page, "Save").click();
            assertThat(page.getByText("The changes were saved")).isVisible();

            // Reverts it
            page.getByRole(
                            AriaRole.LINK,
                            new Page.GetByRoleOptions().setName("Revisions").setExact(true))
                    .click();
            page.waitForURL("**/revisions");
            page.locator("tbody th a").last().click();
            ask(page, "Revert to 1…", "Revert");
            assertThat(page.getByText("is again what it was")).isVisible();

            // Archives it, and finds it by what md5sum prints
            ask(page, "Archive…", "Archive");
            assertThat(page.locator("h1 + .under .status")).hasText("archived");
            String md5 = api().get("/jobs/{job}", name).jsonPath().getString("scriptMd5");
            page.navigate(LIST);
            page.locator("#q").fill(md5 + "  script.js");
            button(page, "Filter").click();
            page.locator("nav a[href*='show=archived']").click();
            assertThat(link(page, name)).isVisible();
            assertThat(page.locator("tbody .status").first()).hasText("archived");

            // Signs out
            button(page, "Sign out").click();
            page.navigate(LIST);
            assertThat(heading(page, "Sign in")).isVisible();
            assertThat(visitor.complaints()).isEmpty();
        }
    }

    @Test
    void the_list_follows_what_happens_without_a_reload() {
        String name = Api.unique("followed");
        String job = Api.idleJob("return 1", Map.of("name", name)).getString("id");
        try (Chromium.Visitor visitor = visitor(true).signedIn(Tokens.superadmin("alice"))) {
            Page page = visitor.page();
            page.navigate(LIST + "?q=" + name);
            assertThat(page.locator("tbody .none").filter(withText("never ran")))
                    .isVisible();

            Api.runNow(job);

            assertThat(page.locator("tbody a.outcome.succeeded"))
                    .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MILLIS));
            assertThat(visitor.complaints()).isEmpty();
        }
    }

    @Test
    void a_long_log_is_read_filtered_and_searched() {
        String job = Api.idleJob("""
                        for (let i = 1; i <= 3000; i++) log.info('entry ' + i + ' of many');
                        log.error('the only error', { code: 7 });
                        """).getString("id");
        Object run = Api.runNow(job).get("id");
        try (Chromium.Visitor visitor = visitor(true).signedIn(Tokens.superadmin("alice"))) {
            Page page = visitor.page();
            page.navigate(LIST + "/" + job + "/runs/" + run);
            Locator entries = page.locator(".log li");
            assertThat(entries.first()).containsText("entry 1 of many");
            assertThat(page.locator(".left-out")).hasCount(0);

            page.getByLabel("Find in the log").fill("entry 1700 ");

            assertThat(page.locator(".log .current")).containsText("entry 1700 of many");
            assertThat(page.locator(".log-tools output")).hasText("1 of 1 found");
            assertThat(entries.count()).isLessThan(2_000);
            page.getByLabel("Find in the log").fill("");
            page.locator("#log-level").selectOption("error");
            assertThat(entries).hasCount(1);
            assertThat(entries).containsText("the only error {\"code\":7}");
            assertThat(visitor.complaints()).isEmpty();
            assertThat(visitor.barriers()).isEmpty();
        }
        try (Chromium.Visitor visitor = visitor(false).signedIn(Tokens.superadmin("alice"))) {
            Page page = visitor.page();
            page.navigate(LIST + "/" + job + "/runs/" + run);
            assertThat(page.locator(".log")).containsText("the only error");
            page.locator(".left-out a").nth(1).click();
            assertThat(page.locator(".log li").first()).containsText("entry 1001 of many");
        }
    }

    @Test
    void a_run_is_repeated_with_other_parameters_and_its_failure_leads_to_the_line() {
        String job = Api.idleJob(
                        "const n = params.n;\nif (n < 2) throw new Error('too few');\nreturn n;",
                        Map.of("parameters", Map.of("n", 1)))
                .getString("id");
        Object run = Api.runNow(job).get("id");
        try (Chromium.Visitor visitor = visitor(true).signedIn(Tokens.superadmin("alice"))) {
            Page page = visitor.page();
            page.navigate(LIST + "/" + job + "/runs/" + run);

            link(page, "Run with changed parameters").click();
            write(page, "Parameters (JSON)", "{\"n\": ");
            button(page, "Run now").click();
            assertThat(page.locator(".errors")).containsText("must be JSON");
            write(page, "Parameters (JSON)", "{\"n\": 2}");
            button(page, "Run now").click();
            assertThat(page.locator("#facts + dl")).containsText("with parameters of its own");
            assertThat(page.locator(".outcome.succeeded"))
                    .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MILLIS));

            link(page, "Previous failed").click();
            assertThat(heading(page, "Run of")).isVisible();
            link(page, "Edit at this line").click();
            assertThat(page.locator(".cm-activeLine").first()).containsText("too few");
            assertThat(visitor.complaints()).isEmpty();
        }
    }

    @Test
    void a_stale_form_shows_both_versions() {
        JsonPath job = Api.idleJob("return 'first';");
        try (Chromium.Visitor visitor = visitor(true).signedIn(Tokens.superadmin("alice"))) {
            Page page = visitor.page();
            page.navigate(LIST + "/" + job.getString("id") + "/edit");
            Api.patch(job.getString("id"), Map.of("script", "return 'theirs';"));
            write(page, "return 'mine';");
            button(page, "Save").click();

            assertThat(page.getByText("changed while you were editing")).isVisible();
            assertThat(page.locator("#job-script-conflict")).containsText("Theirs: return 'theirs';");
            assertThat(page.locator("#job-script-conflict")).containsText("Yours: return 'mine';");
            assertThat(page.locator("#job-script-conflict")).containsText("Before: return 'first';");
        }
    }

    /** All pages with hostile texts in them: nothing runs, nothing keeps people out, nothing stands out of the window. */
    @Test
    void no_page_is_harmed_by_texts_or_keeps_anybody_out() {
        List<String> paths = pagesFullOfHostileTexts();
        SoftAssertions softly = new SoftAssertions();
        for (ColorScheme look : LOOKS) {
            try (Chromium.Visitor visitor = visitor(look)) {
                for (String path : paths) {
                    visitor.page().navigate(path);
                    lookAt(visitor, path, look, softly);
                }
                softly.assertThat(visitor.complaints()).as(look.toString()).isEmpty();
            }
        }
        softly.assertAll();
    }

    /** As above, of what only sending a form leads to. */
    @Test
    void no_answer_to_a_form_is_harmed_by_texts_or_keeps_anybody_out() {
        SoftAssertions softly = new SoftAssertions();
        for (ColorScheme look : LOOKS) {
            try (Chromium.Visitor visitor = visitor(look)) {
                Page page = visitor.page();
                String job = hostileJob(hostileAccount());
                page.navigate(LIST + "/" + job + "/edit");

                tryOut(page);
                assertThat(page.locator(".trial .outcome")).hasText("failed");
                lookAt(visitor, "failed trial", look, softly);

                write(page, "log.info(params.text, params);\nawait state.set('text', params.text);\nreturn params;");
                tryOut(page);
                assertThat(page.locator(".trial .outcome")).hasText("succeeded");
                lookAt(visitor, "trial", look, softly);

                write(page, "// " + HOSTILE + "\nreturn 'mine';");
                page.locator("#job-description").fill(HOSTILE + " of " + look);
                assertThat(answered(page, "Review changes")).isEqualTo(200);
                assertThat(page.locator(".sides .new.changed").first()).containsText("window.harmed");
                lookAt(visitor, "review", look, softly);

                button(page, "Back to editing").click();
                assertThat(page.locator("#job-form")).isVisible();
                Api.patch(job, Map.of("script", "// " + HOSTILE + "\nreturn 'theirs in " + look + "';"));
                assertThat(answered(page, "Save")).isEqualTo(412);
                assertThat(page.getByText("changed while you were editing")).isVisible();
                assertThat(page.locator("#job-script-conflict")).containsText("theirs in " + look);
                lookAt(visitor, "stale", look, softly);

                page.navigate("/admin/support/new-connection?kind=http");
                page.locator("#connection-name").fill(Api.unique(HOSTILE_NAME));
                page.locator("[id='connection-http.baseUrl']").fill("https://example.org/?" + HOSTILE);
                page.locator("[id='connection-http.headers']").fill("X-Bad\r\n" + HOSTILE);
                assertThat(answered(page, "Create the connection")).isEqualTo(422);
                assertThat(page.locator(".errors")).isVisible();
                lookAt(visitor, "refused connection", look, softly);

                softly.assertThat(visitor.complaints()).as(look.toString()).isEmpty();
            }
        }
        softly.assertAll();
    }

    private static void lookAt(Chromium.Visitor visitor, String what, ColorScheme look, SoftAssertions softly) {
        String where = what + " " + look;
        Page page = visitor.page();
        page.waitForLoadState();
        softly.assertThat(page.locator("h1").count()).as(where).isOne();
        softly.assertThat(page.evaluate("window.harmed === undefined"))
                .as(where)
                .isEqualTo(true);
        // What the page's policy keeps from running would still be an element
        softly.assertThat(page.locator(MADE_OF_TEXT).count()).as(where).isZero();
        softly.assertThat(look == LOOKS.getFirst() ? visitor.barriers() : visitor.barriersOfColour())
                .as(where)
                .isEmpty();
        softly.assertThat(visitor.protruding()).as(where).isEmpty();
    }

    /** Once there is a place for it: jobs come first. */
    private static void tryOut(Page page) {
        await().atMost(Duration.ofMillis((long) PATIENCE_MILLIS)).until(() -> answered(page, "Try it") == 200);
    }

    /** Sends a form by its button; the status of what comes. */
    private static int answered(Page page, String button) {
        return page.waitForResponse(
                        response -> response.request().isNavigationRequest(),
                        new Page.WaitForResponseOptions().setTimeout(PATIENCE_MILLIS),
                        () -> button(page, button).click())
                .status();
    }

    private static List<String> pagesFullOfHostileTexts() {
        String user = hostileAccount();
        String service = hostileConnection(Map.of(
                "http",
                Map.of(
                        "baseUrl",
                        "https://example.org/" + UNBROKEN,
                        "headers",
                        Map.of("X-Hostile", HOSTILE_NAME + UNBROKEN),
                        "authentication",
                        Map.of("type", "basic", "username", HOSTILE_NAME))));
        String database = hostileConnection(Map.of(
                "postgresql", Map.of("host", "db.example.org", "database", HOSTILE_NAME, "username", HOSTILE_NAME)));
        String id = hostileJob(user);
        Api.patch(id, Map.of("description", HOSTILE + HOSTILE, "reason", HOSTILE));
        Object run = Api.runNow(id).get("id");
        String here = LIST + "/" + id;
        return List.of(
                LIST,
                LIST + "?q=%3Cimg",
                LIST + "/new",
                here,
                here + "/edit",
                here + "/runs",
                here + "/runs/" + run,
                here + "/runs/" + run + "/again",
                here + "/runs/" + run + "/log",
                here + "/runs/" + run + "/compare?with=" + run,
                here + "/state",
                here + "/state/edit",
                here + "/compare",
                LIST + "/new?from=" + id,
                LIST + "/new?example=order-cursor",
                "/admin/support/search?q=%3Cimg&revisions=true",
                here + "/revisions",
                here + "/revisions/1",
                here + "/revisions/diff?from=1&to=2",
                "/admin/support/accounts",
                "/admin/support/new-account",
                "/admin/support/accounts/" + segment(user),
                "/admin/support/connections?q=%3Cimg",
                "/admin/support/new-connection?kind=http",
                "/admin/support/new-connection?kind=postgresql",
                "/admin/support/connections/" + segment(service),
                "/admin/support/connections/" + segment(database),
                "/admin/support/audit?entity=" + id,
                "/admin/support/audit?entityType=connection",
                "/admin/support/cluster",
                "/admin/support/provisioning",
                "/admin/support/provisioning/compare",
                "/admin/support/environment",
                "/admin/sign-in",
                "/admin/nowhere");
    }

    private static String hostileAccount() {
        String user = Api.unique("<b>user</b>" + UNBROKEN.substring(0, 100));
        api().body(Map.of("username", user, "displayName", HOSTILE_NAME + UNBROKEN.substring(0, 100)))
                .post("/accounts")
                .then()
                .statusCode(201);
        return user;
    }

    private static String hostileConnection(Map<String, Object> settings) {
        String name = Api.unique(HOSTILE_NAME + UNBROKEN.substring(0, 100));
        Map<String, Object> draft = new HashMap<>(settings);
        draft.put("description", HOSTILE);
        draft.put("secret", "never-shown");
        draft.put("reason", HOSTILE);
        api().body(draft).put("/connections/{name}", name).then().statusCode(201);
        return name;
    }

    private static String hostileJob(String user) {
        return Api.idleJob(
                        "log.warn(params.text); log.error(`\\u001b[31mred\\u0000`);"
                                + " await state.set(params.text.slice(0, 50), 1); throw new Error(params.text)",
                        Map.of(
                                "name",
                                Api.unique(HOSTILE_NAME + UNBROKEN.substring(0, 100)),
                                "description",
                                HOSTILE,
                                "parameters",
                                Map.of("text", HOSTILE),
                                "associatedUser",
                                user,
                                "reason",
                                HOSTILE))
                .getString("id");
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static void seesARun(Page page, boolean scripts) {
        Locator run = page.locator("table.runs .outcome.succeeded").first();
        if (!scripts) {
            // Without scripts a page is as true as when it was loaded
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                page.reload();
                return run.isVisible();
            });
        }
        assertThat(run).isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MILLIS));
    }

    private static void write(Page page, String script) {
        write(page, "Script", script);
    }

    /** Opens an action that asks first, and does it. */
    private static void ask(Page page, String label, String submit) {
        Locator asking = page.locator("details.ask:has(summary:text-is('" + label + "'))");
        asking.locator("summary").click();
        asking.locator("form")
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(submit))
                .click();
    }

    private static Locator.FilterOptions withText(String text) {
        return new Locator.FilterOptions().setHasText(text);
    }

    private static Locator heading(Page page, String text) {
        return page.getByRole(
                AriaRole.HEADING, new Page.GetByRoleOptions().setName(text).setLevel(1));
    }

    private static Locator link(Page page, String text) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(text).setExact(true));
    }

    /** A wide window in light colours, or a narrow one in dark colours. */
    private Chromium.Visitor visitor(ColorScheme look) {
        return visitor(true, look, look == ColorScheme.LIGHT ? DESK : PHONE);
    }

    private Chromium.Visitor visitor(boolean scripts) {
        return stranger(scripts, ColorScheme.LIGHT, DESK);
    }
}
