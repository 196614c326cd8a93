package io.asyncjobs.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.asyncjobs.testsupport.Pages.page;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.Chromium;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The editor of scripts, in a browser under the pages' own policy. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class EditorInBrowserTest extends BrowserTest {

    private static final String FORM = "/admin/support/async-jobs/new";
    private static final Pattern SCRIPT_FILE = Pattern.compile("/assets/bundle/editor-[\\w-]+\\.js");

    @Test
    void what_is_typed_in_the_editor_is_what_the_form_sends() {
        try (Chromium.Visitor visitor = visitor(ColorScheme.LIGHT, 1440)) {
            Page page = visitor.page();
            Locator editor = open(page);

            editor.fill("return 'typed';");

            assertThat(page.locator("textarea[name=script]")).isHidden();
            assertThat(page.locator("textarea[name=script]")).hasValue("return 'typed';");
            assertThat(visitor.complaints()).isEmpty();
            assertThat(visitor.barriers()).isEmpty();
        }
    }

    @Test
    void the_contract_is_completed_with_its_signatures() {
        try (Chromium.Visitor visitor = visitor(ColorScheme.DARK, 1440)) {
            Page page = visitor.page();
            Locator editor = open(page);

            editor.click();
            editor.pressSequentially("state.");

            Locator choice = page.getByRole(AriaRole.OPTION, new Page.GetByRoleOptions().setName("get"));
            assertThat(choice.first()).containsText("(key: string): Promise<any>");
            choice.first().click();
            assertThat(page.locator("textarea[name=script]")).hasValue("state.get");
            assertThat(visitor.complaints()).isEmpty();
        }
    }

    @Test
    void the_validators_marks_stand_where_the_mistake_is() {
        try (Chromium.Visitor visitor = visitor(ColorScheme.LIGHT, 1440)) {
            Page page = visitor.page();
            Locator editor = open(page);

            editor.fill("return 1;\nreturn (;");

            assertThat(page.locator(".cm-line").nth(1).locator(".cm-lintRange, .cm-lintPoint"))
                    .hasCount(1);
            assertThat(visitor.complaints()).isEmpty();
        }
    }

    @Test
    void a_trial_is_outdated_by_an_edit_and_the_keyboard_saves() {
        String job = Api.idleJob("return 1;").getString("id");
        try (Chromium.Visitor visitor = visitor(ColorScheme.LIGHT, 1440)) {
            Page page = visitor.page();
            page.navigate("/admin/support/async-jobs/" + job + "/edit");
            write(page, "Script", "await state.set('seen', { a: 1 });");
            button(page, "Try it").click();
            assertThat(page.locator(".effects")).containsText("{\"a\":1}");
            assertThat(page.locator("[data-outdated]")).isHidden();

            write(page, "Script", "return 2;");

            assertThat(page.locator("[data-outdated]")).isVisible();
            page.keyboard().press("ControlOrMeta+f");
            assertThat(page.locator(".cm-search")).isVisible();
            page.keyboard().press("ControlOrMeta+s");
            assertThat(page.getByText("The changes were saved")).isVisible();
            assertThat(page.locator(".source .tok-keyword").first()).hasText("return");
            assertThat(visitor.complaints()).isEmpty();
        }
    }

    @Test
    void the_keyboard_leads_out_of_the_editor() {
        try (Chromium.Visitor visitor = visitor(ColorScheme.LIGHT, 360)) {
            Page page = visitor.page();
            Locator editor = open(page);

            editor.click();
            page.keyboard().press("Tab");
            assertThat(editor).isFocused();
            page.keyboard().press("Escape");
            page.keyboard().press("Tab");

            assertThat(editor).not().isFocused();
            assertThat(visitor.protruding()).isEmpty();
        }
    }

    @Test
    void the_editor_is_loaded_only_where_there_is_a_form_and_kept_by_browsers() {
        page().get("/admin/support/async-jobs")
                .then()
                .statusCode(200)
                .body(org.hamcrest.Matchers.not(containsString("/assets/bundle/")));
        Matcher file = SCRIPT_FILE.matcher(page().get(FORM).asString());

        assertThat(file.find()).isTrue();
        given().get(file.group()).then().statusCode(200).header("Cache-Control", containsString("immutable"));
    }

    private static Locator open(Page page) {
        page.navigate(FORM);
        Locator editor = page.getByRole(
                AriaRole.TEXTBOX, new Page.GetByRoleOptions().setName("Script").setExact(true));
        assertThat(editor).hasAttribute("contenteditable", "true");
        return editor;
    }

    private Chromium.Visitor visitor(ColorScheme look, int width) {
        return visitor(true, look, width);
    }
}
