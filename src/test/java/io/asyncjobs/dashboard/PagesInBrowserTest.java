package io.asyncjobs.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.asyncjobs.testsupport.Chromium;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The dashboard as people meet it: in a browser, with scripts and without. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesInBrowserTest {

    private static final int DESK = 1440;

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

    @Test
    void a_token_behind_the_hash_signs_in_and_leaves_no_trace_in_the_address() {
        try (Chromium.Visitor visitor = visitor(true)) {
            Page page = visitor.page();

            page.navigate("/admin/sign-in#token=" + Tokens.superadmin("alice"));

            assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Async Jobs")))
                    .isVisible();
            assertThat(page.url()).doesNotContain("token");
            page.goBack();
            assertThat(page.url()).doesNotContain("token");
            assertThat(visitor.complaints()).isEmpty();
        }
    }

    private Chromium.Visitor visitor(boolean scripts) {
        return chromium.visitor("http://localhost:" + RestAssured.port, scripts, ColorScheme.LIGHT, DESK);
    }
}
