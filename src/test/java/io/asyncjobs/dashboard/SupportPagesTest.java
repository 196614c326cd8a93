package io.asyncjobs.dashboard;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.unique;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ServerSentEvents;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RedirectConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages beside the jobs, as a browser without JavaScript sees and uses them. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SupportPagesTest {

    private static final String IMG = "<img src=x onerror=alert(1)>";
    private static final String SCRIPT = "</textarea></script><script>alert(2)</script>";
    private static final String BIDI = "invoice\u202Efdp.exe";
    private static final String SECRET = "s3cr3t-that-nobody-sees";
    private static final Pattern ETAG = Pattern.compile("name=\"etag\" value=\"([^\"]*)\"");

    private static final RestAssuredConfig BROWSER = RestAssuredConfig.config()
            .redirect(RedirectConfig.redirectConfig().followRedirects(false))
            .encoderConfig(EncoderConfig.encoderConfig().defaultContentCharset("UTF-8"));

    @AfterEach
    void switchOn() {
        api().header("If-Match", "*")
                .body(Map.of("enabled", true))
                .put("/settings/async-job-manager")
                .then()
                .statusCode(200);
    }

    // Accounts

    @Test
    void account_is_added_by_its_form_and_told_on_the_trail() {
        String name = unique("ada / \"x\"?#");

        Response created = post(
                "/new-account",
                Map.of(
                        "username",
                        name,
                        "displayName",
                        "Ada",
                        "kind",
                        "system",
                        "email",
                        "",
                        "active",
                        "true",
                        "reason",
                        "CR-1\r\nand more"));

        created.then().statusCode(303).header("Location", endsWith("?done=account_created"));
        String location = created.header("Location");
        assertThat(location).startsWith("/admin/support/accounts/ada%20%2F%20%22x%22%3F%23-");
        assertThat(get(location.substring("/admin/support".length())))
                .contains("The account was created", "<dd>system</dd>");
        api().get("/accounts/{name}", name)
                .then()
                .body("kind", equalTo("system"))
                .body("email", nullValue());
        api().queryParam("entityType", "account")
                .queryParam("entity", name)
                .get("/audit")
                .then()
                .body("items[0].via", equalTo("dashboard"))
                .body("items[0].reason", equalTo("CR-1\nand more"));
    }

    @Test
    void account_that_cannot_be_comes_back_with_what_was_typed_and_why_beside_the_field() {
        Response refused = post(
                "/new-account",
                Map.of("username", "bad\u202Ename", "displayName", IMG, "email", "nowhere", "kind", "x"));

        refused.then().statusCode(422);
        assertThat(refused.asString())
                .contains("id=\"account-username-fault\"", "must not hold the character U+202E")
                .contains("id=\"account-email-fault\"", "id=\"account-kind-fault\"", "must be one of person, system")
                .contains("value=\"nowhere\"", "value=\"&lt;img src=x onerror=alert(1)&gt;\"")
                .contains("aria-invalid=\"true\"")
                .doesNotContain(IMG);
        String taken = account(Map.of());
        post("/new-account", Map.of("username", taken.toUpperCase(Locale.ROOT)))
                .then()
                .statusCode(409)
                .body(containsString("There is an account named"));
    }

    @Test
    void account_is_changed_and_says_which_jobs_stop() {
        String name = account(Map.of());
        String job = idleJob("return 1", Map.of("associatedUser", name)).getString("name");
        String page = get("/accounts/" + name);
        assertThat(page).contains("This job stops running when the account becomes inactive", job);
        Map<String, String> form = Map.of("etag", etag(page), "displayName", "Ben", "kind", "person");

        post("/accounts/" + name, form)
                .then()
                .statusCode(303)
                .header("Location", endsWith("/accounts/" + name + "?done=saved"));

        api().get("/accounts/{name}", name)
                .then()
                .body("active", equalTo(false))
                .body("displayName", equalTo("Ben"));
        String after = get("/accounts/" + name);
        assertThat(after).contains("One job does not run,", job);
        post("/accounts/" + name, with(form, "etag", etag(after)))
                .then()
                .statusCode(303)
                .header("Location", endsWith("?done=unchanged"));
    }

    @Test
    void stale_form_says_so_and_asks_whose_value_is_kept() {
        String name = account(Map.of("displayName", "first"));
        String etag = etag(get("/accounts/" + name));
        api().body(Map.of("username", name, "displayName", "theirs"))
                .put("/accounts/{name}", name)
                .then()
                .statusCode(200);
        Map<String, String> form = Map.of(
                "etag", etag, "before.displayName", "first", "displayName", "mine", "kind", "person", "active", "true");

        Response stale = post("/accounts/" + name, form);

        stale.then().statusCode(412);
        assertThat(stale.asString())
                .contains(
                        "It was changed while you were editing, so nothing was saved.",
                        "value=\"mine\"",
                        "name=\"choice.displayName\" value=\"theirs\"",
                        "<bdi class=\"prose\">theirs</bdi>",
                        "<bdi class=\"prose\">first</bdi>");
        api().get("/accounts/{name}", name).then().body("displayName", equalTo("theirs"));
        post("/accounts/" + name, with(form, "etag", "")).then().statusCode(412);
        Map<String, String> again = with(with(form, "etag", etag(stale.asString())), "conflicts", "displayName");
        post("/accounts/" + name, again).then().statusCode(422).body(containsString("must be chosen"));
        post("/accounts/" + name, with(again, "choice.displayName", "yours"))
                .then()
                .statusCode(303);
        api().get("/accounts/{name}", name).then().body("displayName", equalTo("mine"));
    }

    @Test
    void jobs_are_transferred_and_an_account_that_nothing_refers_to_is_deleted() {
        String from = account(Map.of());
        String to = account(Map.of());
        String job = idleJob("return 1", Map.of("associatedUser", from)).getString("id");
        Response refused = post("/accounts/" + from + "/transfer", Map.of("to", "nobody at all", "reason", "left"));
        refused.then().statusCode(422);
        assertThat(refused.asString())
                .contains("id=\"transfer-to-fault\"", "value=\"nobody at all\"", "left</textarea>");
        assertThat(get("/accounts/" + from))
                .contains("<option value=\"" + to + "\">")
                .doesNotContain("Delete the account");

        post("/accounts/" + from + "/transfer", Map.of("to", to, "reason", "left"))
                .then()
                .statusCode(303);

        api().get("/jobs/{job}", job).then().body("associatedUser", equalTo(to));
        String unused = account(Map.of());
        String page = get("/accounts/" + unused);
        assertThat(page).contains("Delete the account");
        post("/accounts/" + unused + "/delete", Map.of("etag", "\"other\""))
                .then()
                .statusCode(412);
        post("/accounts/" + to + "/delete", Map.of("etag", etag(get("/accounts/" + to))))
                .then()
                .statusCode(409);
        post("/accounts/" + unused + "/delete", Map.of("etag", etag(page), "reason", "r".repeat(2001)))
                .then()
                .statusCode(422);
        post("/accounts/" + unused + "/delete", Map.of("etag", etag(page), "reason", "not needed"))
                .then()
                .statusCode(303)
                .header("Location", endsWith("/accounts?done=account_deleted"));
        api().get("/accounts/{name}", unused).then().statusCode(404);
        browser().get("/accounts/{name}", unused).then().statusCode(404);
    }

    @Test
    void accounts_are_found_by_text_state_and_kind() {
        String mark = unique("found");
        account(Map.of("username", mark + "-a", "displayName", "Zoë", "kind", "system"));
        account(Map.of("username", mark + "-b", "active", false));
        idleJob("return 1", Map.of("associatedUser", mark + "-a"));

        assertThat(get("/accounts?q=" + mark)).contains(mark + "-a", mark + "-b", "1–2 of 2");
        assertThat(get("/accounts?q=" + mark + "&active=false"))
                .contains(mark + "-b")
                .doesNotContain(mark + "-a<");
        assertThat(get("/accounts?q=" + mark + "&kind=system"))
                .contains(mark + "-a", "class=\"number\">1<")
                .doesNotContain(mark + "-b<");
        assertThat(get("/accounts?q=" + mark + "&size=1&sort=-username"))
                .contains(mark + "-b", "1–1 of 2", "aria-sort=\"descending\"", "page=1")
                .doesNotContain(mark + "-a<");
        assertThat(get("/accounts?q=%25")).contains("No account is like that.");
        browser().get("/accounts?sort=password").then().statusCode(400).body(containsString("must be one of"));
    }

    // Connections

    @Test
    void connection_is_added_changed_and_deleted_and_its_secret_is_never_shown() {
        String name = unique("clinical / api");
        Map<String, String> form = new HashMap<>(Map.of(
                "name", name,
                "description", "first\r\nsecond",
                "http.baseUrl", "https://clinical.example.com/api",
                "http.authentication.type", "basic",
                "http.authentication.username", "edc",
                "http.authentication.header", "X-Left-Over",
                "http.headers", "X-Tenant: a:b\r\n\r\nAccept-Language: en",
                "http.connectTimeoutMillis", "1500",
                "secret", SECRET));

        Response created = post("/new-connection?kind=http", form);

        created.then().statusCode(303).header("Location", endsWith("?done=connection_created"));
        String path = created.header("Location").replace("/admin/support", "").replaceAll("\\?.*", "");
        api().get("/connections/{name}", name)
                .then()
                .body("description", equalTo("first\nsecond"))
                .body("hasSecret", equalTo(true))
                .body("http.headers", equalTo(Map.of("X-Tenant", "a:b", "Accept-Language", "en")))
                .body("http.connectTimeoutMillis", equalTo(1500))
                .body("http.readTimeoutMillis", equalTo(30000))
                .body("http.authentication.header", nullValue());
        String page = get(path);
        assertThat(page)
                .contains("<dd>stored</dd>", "basic, as edc", "Accept-Language: en\nX-Tenant: a:b</textarea>")
                .doesNotContain(SECRET);
        form.put("etag", etag(page));
        form.remove("secret");
        form.put("http.readTimeoutMillis", "2000");
        post(path, form).then().statusCode(303).header("Location", endsWith("?done=saved"));
        api().get("/connections/{name}", name)
                .then()
                .body("hasSecret", equalTo(true))
                .body("http.readTimeoutMillis", equalTo(2000));

        post(path + "/delete", Map.of("etag", etag(page))).then().statusCode(412);
        post(path + "/delete", Map.of("etag", etag(get(path)), "reason", "gone"))
                .then()
                .statusCode(303);
        api().get("/connections/{name}", name).then().statusCode(404);
    }

    @Test
    void connection_that_cannot_be_comes_back_without_its_secret() {
        String name = connection();
        String path = "/connections/" + name;
        Map<String, String> form = Map.of(
                "etag", etag(get(path)),
                "http.baseUrl", "ftp://x",
                "http.authentication.type", "bearer",
                "http.headers", "no colon here",
                "http.totalTimeoutMillis", "1.5",
                "secret", SECRET + "\u00e9");

        Response refused = post(path, form);

        refused.then().statusCode(422);
        assertThat(refused.asString())
                .contains(
                        "id=\"connection-http.headers-fault\"",
                        "id=\"connection-http.baseUrl-fault\"",
                        "id=\"connection-http.totalTimeoutMillis-fault\"",
                        "id=\"connection-secret-fault\"",
                        "no colon here</textarea>",
                        "value=\"1.5\"",
                        "value=\"ftp://x\"")
                .contains("type it again")
                .doesNotContain(SECRET);
        Response more = post(path, with(form, "http.headers", ""));
        assertThat(more.asString())
                .contains(
                        "id=\"connection-http.totalTimeoutMillis-fault\"", "must be a whole number from 100 to 300000")
                .doesNotContain(SECRET);
        Response last = post(path, with(with(form, "http.headers", "Host: x"), "http.totalTimeoutMillis", "900"));
        assertThat(last.asString())
                .contains(
                        "id=\"connection-http.baseUrl-fault\"",
                        "id=\"connection-http.headers-fault\"",
                        "id=\"connection-secret-fault\"")
                .doesNotContain(SECRET);
        Response elsewhere = post(
                path,
                Map.of(
                        "etag",
                        etag(get(path)),
                        "http.baseUrl",
                        "https://other.example.com",
                        "http.authentication.type",
                        "bearer"));
        elsewhere.then().statusCode(422).body(containsString("is required again"));
        post("/new-connection", with(form, "name", name)).then().statusCode(422);
        post("/new-connection", Map.of("name", name, "http.baseUrl", "https://x.example.com"))
                .then()
                .statusCode(412)
                .body(containsString("There is a connection named " + name + " already."));
    }

    @Test
    void database_is_added_by_the_form_of_its_own() {
        String name = unique("edc-db");
        assertThat(get("/new-connection?kind=postgresql"))
                .contains("value=\"5432\"", "<option value=\"verify_full\" selected>verify full")
                .doesNotContain("http.baseUrl");

        post(
                        "/new-connection?kind=postgresql",
                        Map.of(
                                "name", name,
                                "postgresql.host", "edc-db.example.com",
                                "postgresql.database", "edc",
                                "postgresql.username", "scripts",
                                "postgresql.tls", "require",
                                "secret", SECRET))
                .then()
                .statusCode(303);

        assertThat(get("/connections/" + name))
                .contains("edc-db.example.com:5432/edc", "role scripts", "<dd>require</dd>", "60000")
                .doesNotContain(SECRET);
        assertThat(get("/connections?kind=postgresql&q=" + name))
                .contains(name, "stored")
                .doesNotContain(SECRET);
    }

    // Audit

    @Test
    void trail_shows_changes_field_by_field_and_filters_them() {
        String name = unique("audited");
        api().body(Map.of("username", name, "displayName", "old " + IMG, "reason", SCRIPT))
                .post("/accounts")
                .then()
                .statusCode(201);
        String job = idleJob(
                        "return 1", Map.of("associatedUser", name, "parameters", Map.of("note", "one\ntwo\n" + IMG)))
                .getString("id");
        api().header("If-Match", "*")
                .contentType("application/merge-patch+json")
                .body(Map.of("parameters", Map.of("note", "one\nthree\n" + IMG, "limit", 5), "reason", BIDI))
                .patch("/jobs/{job}", job)
                .then()
                .statusCode(200);

        String page = get("/audit?entityType=job&entity=" + job);

        assertThat(page)
                .contains("parameters.limit", "-two", "+three", "invoice⟨U+202E⟩fdp.exe", "/async-jobs/" + job)
                .contains("/api/v1/audit/export?entityType=job&amp;entity=" + job)
                .doesNotContain(IMG, SCRIPT, BIDI);
        assertThat(get("/audit?entity=" + name))
                .contains("old &lt;img", "&lt;/textarea&gt;", "/accounts/" + name)
                .doesNotContain(IMG, SCRIPT);
        assertThat(get("/audit?entity=" + name + "&actor=nobody")).contains("No events match these filters.");
        assertThat(get("/audit?entity=" + name + "&from=2020-01-01T00:00&to=2020-01-02"))
                .contains("No events match these filters.");
        assertThat(get("/audit?entity=" + name + "&from=2020-01-01T00:00"))
                .contains("old &lt;img", "value=\"2020-01-01T00:00\"");
        browser()
                .get("/audit?from=yesterday")
                .then()
                .statusCode(400)
                .body(containsString("id=\"from-fault\""))
                .body(containsString("value=\"yesterday\""));
    }

    @Test
    void export_that_the_page_links_to_carries_the_filter_and_takes_the_cookie() {
        String name = account(Map.of());
        Matcher link = Pattern.compile("href=\"(/api/v1/audit/export[^\"]*)\"")
                .matcher(get("/audit?entityType=account&entity=" + name + "&from=2020-01-01"));
        assertThat(link.find()).isTrue();

        String export = cookie().get(link.group(1).replace("&amp;", "&").replace("%3A", ":"))
                .then()
                .statusCode(200)
                .extract()
                .asString();

        assertThat(export.lines()).hasSize(1).first().asString().contains(name);
    }

    @Test
    void trail_is_verified_by_a_button() {
        account(Map.of());

        assertThat(post("/audit/verify", Map.of())
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString())
                .contains("The trail is intact.", " verified");
        browser().get("/audit/verify").then().statusCode(405);
    }

    // Cluster and environment

    @Test
    void cluster_shows_this_node_with_its_workers_and_runs() {
        String job =
                createJob(1, "await sleep(20000)", Map.of("name", unique(IMG))).getString("id");
        String name = api().get("/jobs/{job}", job).jsonPath().getString("name");
        await().untilAsserted(() -> assertThat(get("/cluster"))
                .contains("answers this page", "alive", "pid ", "/async-jobs/" + job + "/runs/")
                .doesNotContain(name));
        Api.archive(job);
        assertThat(get("/cluster")).contains("data-live=\"/admin/support/cluster/live\"");
    }

    @Test
    void run_comes_to_the_page_of_the_cluster_when_a_node_holds_it() throws Exception {
        String node =
                api().queryParam("live", true).get("/cluster/nodes").jsonPath().getString("items.find { it.self }.id");

        try (ServerSentEvents events = ServerSentEvents.open("/admin/support/cluster/live", null)) {
            String job = createJob(1, "await sleep(20000)").getString("id");
            ServerSentEvents.Event row;
            do {
                row = events.await("row", Duration.ofSeconds(30));
            } while (!row.data().contains("/async-jobs/" + job + "/runs/"));
            Api.archive(job);

            assertThat(row.id()).isEqualTo(node);
            assertThat(row.data()).startsWith("<tr").contains("id=\"node-" + node + "\"", " ago</td>");
            assertThat(get("/cluster")).contains("id=\"node-" + node + "\"");
        }
    }

    @Test
    void component_is_switched_off_and_on_by_the_one_page_that_stays() {
        String page = get("/environment");
        assertThat(page).contains("Async Job Manager", "<dd>Support</dd>", "PostgreSQL", "superadmin", "Switch off");

        post("/environment", Map.of("etag", "\"0-old\"")).then().statusCode(412);
        post("/environment", Map.of("etag", etag(page), "reason", "r".repeat(2001)))
                .then()
                .statusCode(422);
        api().get("/settings/async-job-manager").then().body("enabled", equalTo(true));
        post("/environment", Map.of("etag", etag(page), "reason", "closed " + IMG))
                .then()
                .statusCode(303);

        for (String hidden :
                List.of("/accounts", "/connections", "/audit", "/cluster", "/async-jobs", "/new-account")) {
            Response gone = browser().get(hidden);
            gone.then().statusCode(404);
            assertThat(gone.asString())
                    .contains("switched off", "/environment")
                    .doesNotContain("href=\"/admin/support/audit\"");
        }
        String off = get("/environment");
        assertThat(off).contains("is switched off.", "Switch on").doesNotContain("href=\"/admin/support/audit\"");
        post("/environment", Map.of("etag", etag(off), "enabled", "true", "reason", "open"))
                .then()
                .statusCode(303);
        get("/accounts");
        api().queryParam("entityType", "setting")
                .get("/audit")
                .then()
                .body("items[0].reason", equalTo("open"))
                .body("items[1].reason", startsWith("closed "))
                .body("items[0..1].via", contains("dashboard", "dashboard"));
    }

    // Everywhere

    @Test
    void hostile_texts_are_shown_as_text_on_every_page() {
        String username = unique(IMG);
        String name = unique(IMG + "</script>");
        account(Map.of(
                "username",
                username,
                "displayName",
                "</title>" + SCRIPT.replace("</textarea>", ""),
                "reason",
                SCRIPT + BIDI));
        idleJob(
                "return 1",
                Map.of("associatedUser", username, "name", unique("</td>" + IMG), "description", SCRIPT + BIDI));
        api().body(Map.of(
                        "description",
                        SCRIPT + BIDI,
                        "secret",
                        SECRET,
                        "http",
                        Map.of(
                                "baseUrl",
                                "https://hostile.example.com",
                                "headers",
                                Map.of("X-Quote", "\"><b>" + IMG),
                                "authentication",
                                Map.of("type", "basic", "username", IMG))))
                .put("/connections/{name}", name)
                .then()
                .statusCode(201);

        for (String path : List.of(
                "/accounts?q=" + encoded(IMG),
                "/accounts/" + encoded(username),
                "/connections?q=" + encoded(IMG),
                "/connections/" + encoded(name),
                "/audit?size=500",
                "/audit?entity=" + encoded(name) + "&actor=" + encoded(SCRIPT + BIDI) + "&from=" + encoded("\"" + IMG),
                "/new-connection?kind=http",
                "/cluster",
                "/environment?done=" + encoded(IMG))) {
            String html = browser().get(path).asString();
            assertThat(html)
                    .as(path)
                    .contains("<h1>")
                    .doesNotContain("<img", "<script>", SECRET, "\"><b>")
                    .doesNotContainPattern("\\son[a-z]+=\"|\\sstyle=");
        }
        assertThat(get("/accounts/" + encoded(username))).contains("&lt;img src=x onerror=alert(1)&gt;");
        assertThat(get("/connections/" + encoded(name))).contains("invoice⟨U+202E⟩fdp.exe");
    }

    @Test
    void post_from_another_site_is_refused_and_changes_nothing() {
        String name = account(Map.of());
        String target = connection();
        String account = get("/accounts/" + name);
        String before = everything(name, target);
        Map<String, String> etag =
                Map.of("etag", etag(account), "displayName", "stolen", "kind", "person", "to", "system");
        for (String path : List.of(
                "/new-account",
                "/accounts/" + name,
                "/accounts/" + name + "/transfer",
                "/accounts/" + name + "/delete",
                "/new-connection",
                "/connections/" + target,
                "/connections/" + target + "/delete",
                "/audit/verify",
                "/environment")) {
            for (String site : List.of("cross-site", "same-site", "none")) {
                Response refused = cookie().basePath("/admin/support")
                        .header("Sec-Fetch-Site", site)
                        .formParams(with(etag, "username", "stolen"))
                        .post(path);
                assertThat(refused.statusCode()).as(path + " " + site).isEqualTo(403);
            }
        }
        assertThat(everything(name, target)).isEqualTo(before);
        api().get("/accounts/stolen").then().statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/accounts",
                "/new-account",
                "/connections",
                "/audit",
                "/cluster",
                "/cluster/live",
                "/environment"
            })
    void page_is_for_superadmins_alone(String path) {
        given().config(BROWSER)
                .basePath("/admin/support")
                .accept("text/html")
                .get(path)
                .then()
                .statusCode(401);
        given().config(BROWSER)
                .basePath("/admin/support")
                .accept("text/html")
                .cookie("asyncjobs_session", Tokens.withRoles("mallory", "admin"))
                .get(path)
                .then()
                .statusCode(403);
    }

    private static String everything(String account, String connection) {
        return api().get("/accounts/{name}", account).asString()
                + api().get("/connections/{name}", connection).asString()
                + api().get("/settings/async-job-manager").asString()
                + api().queryParam("actor", "alice").get("/audit").jsonPath().getInt("total");
    }

    private static String account(Map<String, Object> more) {
        Map<String, Object> draft = new HashMap<>(more);
        draft.putIfAbsent("username", unique("account"));
        api().body(draft).post("/accounts").then().statusCode(201);
        return (String) draft.get("username");
    }

    private static String connection() {
        String name = unique("connection");
        api().body(Map.of(
                        "secret",
                        SECRET,
                        "http",
                        Map.of("baseUrl", "https://x.example.com", "authentication", Map.of("type", "bearer"))))
                .put("/connections/{name}", name)
                .then()
                .statusCode(201);
        return name;
    }

    private static RequestSpecification cookie() {
        return given().config(BROWSER)
                .urlEncodingEnabled(false)
                .accept("text/html,*/*;q=0.8")
                .cookie("asyncjobs_session", Tokens.superadmin("alice"));
    }

    private static RequestSpecification browser() {
        return cookie().basePath("/admin/support");
    }

    private static String get(String path) {
        return browser().get(path).then().statusCode(200).extract().asString();
    }

    private static Response post(String path, Map<String, String> fields) {
        return browser()
                .header("Sec-Fetch-Site", "same-origin")
                .contentType("application/x-www-form-urlencoded; charset=UTF-8")
                .body(fields.entrySet().stream()
                        .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                        .collect(Collectors.joining("&")))
                .post(path);
    }

    private static Map<String, String> with(Map<String, String> fields, String name, String value) {
        Map<String, String> changed = new HashMap<>(fields);
        changed.put(name, value);
        return changed;
    }

    /** The state that the page's first form was made from. */
    private static String etag(String page) {
        Matcher found = ETAG.matcher(page);
        assertThat(found.find()).as("a form with a tag").isTrue();
        return found.group(1).replace("&quot;", "\"");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
