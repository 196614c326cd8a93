package io.asyncjobs.dashboard;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.asyncjobs.testsupport.Chromium;
import io.asyncjobs.testsupport.Tokens;
import io.restassured.RestAssured;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Tests that have a browser, and what they do in it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BrowserTest {

    @Nullable
    private Chromium chromium;

    @BeforeAll
    void startBrowser() {
        chromium = Chromium.start();
    }

    @AfterAll
    void endBrowser() {
        if (chromium != null) {
            chromium.close();
        }
    }

    /** A visitor who has not signed in. */
    final Chromium.Visitor stranger(boolean scripts, ColorScheme look, int width) {
        if (chromium == null) {
            throw new IllegalStateException("The browser did not start");
        }
        return chromium.visitor(service(), scripts, look, width);
    }

    /** The superadmin {@code alice}. */
    final Chromium.Visitor visitor(boolean scripts, ColorScheme look, int width) {
        return stranger(scripts, look, width).signedIn(Tokens.superadmin("alice"));
    }

    static String service() {
        return "http://localhost:" + RestAssured.port;
    }

    /** Into the editor where there is one, else into the plain field below it: both go by the field's label. */
    static void write(Page page, String label, String text) {
        Locator field = page.getByRole(
                AriaRole.TEXTBOX, new Page.GetByRoleOptions().setName(label).setExact(true));
        // The editor hides the plain field while the page loads; a field found before that stays hidden for ever
        field.waitFor();
        page.waitForLoadState();
        // Emptied first: what a browser types over coloured text it colours too, in ways that the page's policy refuses
        field.press("ControlOrMeta+a");
        field.press("Delete");
        field.fill(text);
    }

    static Locator button(Page page, String text) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(text).setExact(true));
    }
}
