package io.asyncjobs.testsupport;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real browser: the machine's Chromium, or the one that {@code CHROMIUM} names, without a window.
 *
 * <p>Where there is none, a test that asks for it is skipped; where {@code CI} is set it fails.
 */
public final class Chromium implements AutoCloseable {

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    /** Needed as root and in containers; the others keep it from calling home. */
    private static final List<String> OPTIONS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Path executable) {
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setArgs(OPTIONS));
    }

    /** Starts it. */
    public static Chromium start() {
        Optional<Path> executable = find();
        if (executable.isEmpty()) {
            Programs.missing("Chromium (on the PATH, or named by CHROMIUM)");
        }
        return new Chromium(executable.orElseThrow());
    }

    private static Optional<Path> find() {
        String named = System.getenv().getOrDefault("CHROMIUM", "");
        if (!named.isBlank()) {
            return Optional.of(Path.of(named));
        }
        return NAMES.stream().flatMap(Programs::onPath).findFirst();
    }

    /** A visitor of the service at that address. */
    public Visitor visitor(String service, boolean scripts, ColorScheme look, int width) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setBaseURL(service)
                .setJavaScriptEnabled(scripts)
                .setColorScheme(look)
                .setViewportSize(width, 900)
                .setTimezoneId("Asia/Kathmandu")
                .setLocale("en-GB")
                .setPermissions(List.of("clipboard-read", "clipboard-write")));
        context.setDefaultTimeout(30_000);
        return new Visitor(context, service);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }

    /** One person's browser window, with what the browser complained of. */
    public static final class Visitor implements AutoCloseable {

        private final BrowserContext context;
        private final String service;
        private final Page page;
        private final List<String> complaints = new ArrayList<>();

        private Visitor(BrowserContext context, String service) {
            this.context = context;
            this.service = service;
            this.page = context.newPage();
            page.onConsoleMessage(this::note);
            page.onPageError(error -> complaints.add("script: " + error));
        }

        /** Puts the token where signing in would. */
        public Visitor signedIn(String token) {
            context.addCookies(List.of(new Cookie(Pages.COOKIE, token).setUrl(service)));
            return this;
        }

        public Page page() {
            return page;
        }

        /** What the browser complained of: failing scripts, refused styles, and the like. */
        public List<String> complaints() {
            return List.copyOf(complaints);
        }

        /** What axe-core finds wrong with the page that is shown, with the elements. */
        public List<String> barriers() {
            return found(new AxeBuilder(page));
        }

        /** As {@link #barriers}, of colours alone: all that another colour scheme changes. */
        public List<String> barriersOfColour() {
            return found(new AxeBuilder(page).withRules(List.of("color-contrast")));
        }

        private static List<String> found(AxeBuilder axe) {
            // No page has frames: their results need not be put together in another window, which takes seconds
            return axe.setLegacyMode(true).analyze().getViolations().stream()
                    .map(Visitor::words)
                    .toList();
        }

        /** What stands out of the window's side, where that makes the page wider than it. */
        public List<String> protruding() {
            @SuppressWarnings("unchecked")
            List<String> found = (List<String>) page.evaluate("""
                    () => document.documentElement.scrollWidth <= window.innerWidth ? [] :
                        [...document.querySelectorAll('body *')]
                            .filter(element => element.getBoundingClientRect().right > window.innerWidth)
                            .map(element => element.outerHTML.slice(0, 200))
                    """);
            return found;
        }

        private void note(ConsoleMessage message) {
            // An answer of 4xx is said by the page itself
            if (message.type().equals("error") && !message.text().contains("Failed to load resource")) {
                complaints.add(message.text());
            }
        }

        private static String words(Rule rule) {
            return rule.getId() + ": " + rule.getHelp() + " "
                    + rule.getNodes().stream().map(node -> node.getHtml()).toList();
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
