package io.asyncjobs.provisioning;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.asyncjobs.testsupport.Api.patch;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Pages;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ConfigurationReportTest {

    private static final String HTML = "text/html";
    private static final String CSV = "text/csv";
    private static final String BIDI = "\u202E";
    private static final Pattern TIME_IN_HTML = Pattern.compile("(?<=<th scope=\"row\">Time</th><td>)[^<]+");
    private static final Pattern TIME_IN_CSV = Pattern.compile("(?<=report,,time,)[^,]+");

    @Test
    void table_has_a_row_for_each_job_with_all_that_it_is() throws IOException {
        String user = unique("=user");
        account(user);
        String name = unique("=cmd|' /C calc'!A0,\"x\"");
        JsonPath job = createJob(
                300,
                "return 1",
                Map.of("name", name, "associatedUser", user, "timeoutSeconds", 7, "limits", Map.of("hostCalls", 12)));
        patch(job.getString("id"), Map.of("pollIntervalSeconds", 299));
        String archived = unique("archived");
        createJob(300, "return 2", Map.of("name", archived));
        archive(archived);

        List<Map<String, String>> rows = rows(report(api(), CSV).asString());

        assertThat(rows)
                .filteredOn(row -> name.equals(exact(row.get("name"))))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row).containsEntry("section", "job").containsEntry("name", "'" + name);
                    assertThat(row).containsEntry("state", "active").containsEntry("revision", "2");
                    assertThat(row).containsEntry("pollIntervalSeconds", "299").containsEntry("timeoutSeconds", "7");
                    assertThat(row).containsEntry("associatedUser", "'" + user);
                    assertThat(row).containsEntry("hostCalls", "12").containsEntry("logBytes", "");
                    assertThat(row)
                            .containsEntry("scriptMd5", job.getString("scriptMd5"))
                            .containsEntry("scriptSha256", job.getString("scriptSha256"))
                            .containsEntry("updatedBy", "alice");
                    assertThat(row.get("digest")).hasSize(64);
                });
        assertThat(rows)
                .filteredOn(row -> archived.equals(row.get("name")))
                .singleElement()
                .satisfies(row ->
                        assertThat(row).containsEntry("state", "archived").containsEntry("digest", ""));
        assertThat(values(rows, "account", "'" + user)).containsEntry("active", "true");
    }

    @Test
    void table_has_settings_limits_connections_without_secrets_and_only_accounts_that_are_used() throws IOException {
        String unused = unique("unused");
        account(unused);
        String connection = unique("connection");
        String description = "a\r\nb;=1+1" + BIDI;
        exactApi()
                .header("If-None-Match", "*")
                .body(Map.of(
                        "description",
                        description,
                        "http",
                        Map.of(
                                "baseUrl", "https://x.example.com",
                                "headers", Map.of("X-B", "=2", "X-A", "1", "X-C", "3"),
                                "authentication", Map.of("type", "bearer")),
                        "secret",
                        "s3cret-that-nobody-sees"))
                .put("/connections/{name}", connection)
                .then()
                .statusCode(201);

        String csv = report(api(), CSV).asString();

        List<Map<String, String>> rows = rows(csv);
        Map<String, String> settings = values(rows, "connection", connection);
        assertThat(settings)
                .containsEntry("kind", "http")
                .containsEntry("hasSecret", "true")
                .containsEntry("http.baseUrl", "https://x.example.com")
                .containsEntry("http.headers.X-B", "'=2")
                .containsEntry("http.authentication.type", "bearer")
                .containsEntry("http.totalTimeoutMillis", "60000");
        assertThat(exact(settings.get("description"))).isEqualTo(description);
        assertThat(settings.keySet().stream().filter(field -> field.startsWith("http.headers.")))
                .containsExactly("http.headers.X-A", "http.headers.X-B", "http.headers.X-C");
        assertThat(values(rows, "setting", "async-job-manager"))
                .containsEntry("roles", "superadmin")
                .containsEntry("enabled", "true");
        assertThat(values(rows, "limit", ""))
                .containsEntry("hostCalls", "10000")
                .containsKey("maxTimeoutSeconds");
        assertThat(values(rows, "account", unused)).isEmpty();
        assertThat(csv)
                .doesNotContain("s3cret")
                .startsWith("section,name,field,value,state,revision,")
                .endsWith("\r\n");
    }

    @Test
    void report_says_which_fingerprint_and_which_end_of_the_trail_belong_to_it() throws IOException {
        createJob(300, "return 1");

        // Jobs of other tests may still run, and each of their events moves the end
        await().untilAsserted(() -> {
            List<Map<String, String>> rows = rows(report(exactApi(), CSV).asString());
            JsonPath last = exactApi().queryParam("size", 1).get("/audit").jsonPath();
            assertThat(values(rows, "audit", ""))
                    .containsEntry("seq", last.getString("items[0].seq"))
                    .containsEntry("at", last.getString("items[0].at"))
                    .containsEntry("hash", last.getString("items[0].hash"))
                    .containsEntry("waiting", "0");
        });
        assertThat(values(rows(report(exactApi(), CSV).asString()), "report", ""))
                .containsEntry(
                        "fingerprint",
                        exactApi().get("/provisioning/fingerprint").jsonPath().getString("fingerprint"))
                .containsEntry("environment", "local")
                .containsKey("version");
    }

    @Test
    void jobs_and_end_of_the_trail_are_of_one_instant() throws Exception {
        String name = unique("job");
        String id = createJob(300, "return 1", Map.of("name", name)).getString("id");
        List<List<Map<String, String>>> reports = new ArrayList<>();
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<?> changes = executor.submit(() -> {
                for (int i = 0; i < 40; i++) {
                    exactApi()
                            .header("If-Match", "*")
                            .contentType("application/merge-patch+json")
                            .body(Map.of("timeoutSeconds", 10 + i))
                            .patch("/jobs/{job}", id)
                            .then()
                            .statusCode(200);
                }
            });
            while (!changes.isDone()) {
                reports.add(rows(report(exactApi(), CSV).asString()));
            }
            changes.get();
        }
        List<Long> changes = exactApi()
                .queryParam("entityType", "job")
                .queryParam("entity", name)
                .queryParam("size", 500)
                .get("/audit")
                .jsonPath()
                .getList("items.seq", Long.class);

        assertThat(reports).hasSizeGreaterThan(3).allSatisfy(rows -> {
            long head = Long.parseLong(values(rows, "audit", "").getOrDefault("seq", ""));
            long waiting = Long.parseLong(values(rows, "audit", "").getOrDefault("waiting", ""));
            long linked = changes.stream().filter(seq -> seq <= head).count();
            long revision = rows.stream()
                    .filter(row -> name.equals(row.get("name")))
                    .mapToLong(row -> Long.parseLong(row.getOrDefault("revision", "")))
                    .sum();
            assertThat(revision).isBetween(linked, linked + waiting);
        });
    }

    @Test
    void equal_content_gives_equal_bytes_but_for_the_time() {
        createJob(300, "return 1", Map.of("name", unique("job")));

        equal(CSV, TIME_IN_CSV);
        equal(HTML, TIME_IN_HTML);
    }

    private static void equal(String type, Pattern time) {
        // Not while jobs of other tests write to the trail
        await().untilAsserted(() -> {
            String first = report(exactApi(), type).asString();
            String second = report(exactApi(), type).asString();

            assertThat(first).isNotEqualTo(second);
            assertThat(time.matcher(first).replaceAll(""))
                    .isEqualTo(time.matcher(second).replaceAll(""));
            Matcher found = time.matcher(first);
            assertThat(found.find()).isTrue();
            assertThat(first).containsOnlyOnce(found.group());
        });
    }

    @Test
    void document_runs_nothing_and_shows_what_hides() throws Exception {
        String user = unique("user");
        exactApi()
                .body(Map.of("username", user, "displayName", "<img src=x onerror=alert(2)>", "kind", "system"))
                .post("/accounts")
                .then()
                .statusCode(201);
        String name = unique("<script>alert(1)</script>&\"'`");
        createJob(300, "return 1", Map.of("name", name, "associatedUser", user));
        String connection = unique("connection");
        exactApi()
                .header("If-None-Match", "*")
                .body(Map.of("description", "</td><b>" + BIDI, "http", Map.of("baseUrl", "https://x.example.com")))
                .put("/connections/{name}", connection)
                .then()
                .statusCode(201);

        Response answer = report(api(), HTML);

        String page = answer.asString();
        assertThat(answer.contentType()).isEqualTo("text/html;charset=UTF-8");
        assertThat(page)
                .startsWith("<!DOCTYPE html>")
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;`")
                .contains("&lt;img src=x onerror=alert(2)&gt;")
                .contains("&lt;/td&gt;&lt;b&gt;⟨right-to-left override U+202E⟩")
                .doesNotContain("<script", "<img", "<b>", BIDI, " style=", "<link", "url(");
        Matcher style = Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL).matcher(page);
        assertThat(style.find()).isTrue();
        String policy = "default-src 'none'; style-src 'sha256-%s'"
                .formatted(Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-256")
                                .digest(style.group(1).getBytes(StandardCharsets.UTF_8))));
        assertThat(answer.header("Content-Security-Policy")).isEqualTo(policy + "; frame-ancestors 'none'");
        assertThat(page).contains("<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy + "\">");
    }

    @Test
    void known_media_type_decides() {
        assertThat(report(exactApi(), "*/*").contentType()).startsWith(HTML);
        assertThat(report(exactApi(), "application/json;q=0.9, text/csv;q=0.5").contentType())
                .startsWith(CSV);
        exactApi().accept("image/png").get("/provisioning/report").then().statusCode(406);
    }

    @Test
    void dashboard_leads_to_the_same_report() {
        assertThat(Pages.page().get("/admin/support/provisioning").asString())
                .contains("/admin/support/configuration-report/html", "/admin/support/configuration-report/csv");

        await().untilAsserted(() -> {
            Response page = Pages.page().get("/admin/support/configuration-report/html");
            assertThat(TIME_IN_HTML.matcher(page.asString()).replaceAll(""))
                    .isEqualTo(TIME_IN_HTML
                            .matcher(report(exactApi(), HTML).asString())
                            .replaceAll(""));
            assertThat(page.header("Content-Security-Policy")).contains("style-src 'sha256-");
            Response table = Pages.page().accept("text/html,*/*;q=0.8").get("/admin/support/configuration-report/csv");
            assertThat(table.header("Content-Disposition")).startsWith("attachment");
            assertThat(TIME_IN_CSV.matcher(table.asString()).replaceAll(""))
                    .isEqualTo(TIME_IN_CSV
                            .matcher(report(exactApi(), CSV).asString())
                            .replaceAll(""));
        });
        RestAssured.given()
                .redirects()
                .follow(false)
                .get("/admin/support/configuration-report/csv")
                .then()
                .statusCode(401);
    }

    @Test
    void command_writes_the_report_to_a_file(@TempDir Path folder) throws IOException {
        String job = unique("job");
        createJob(300, "return 1", Map.of("name", job));
        Path token = folder.resolve("token");
        Files.writeString(token, Tokens.superadmin("alice"));

        for (String format : List.of("html", "csv")) {
            Path file = folder.resolve("report." + format);
            int exitCode = ProvisioningCommands.run(
                    "report",
                    "--format",
                    format,
                    "--to",
                    file.toString(),
                    "--token-file",
                    token.toString(),
                    "--url",
                    "http://127.0.0.1:" + RestAssured.port);

            assertThat(exitCode).isZero();
            assertThat(Files.readString(file)).contains(job);
        }
    }

    private static Response report(RequestSpecification request, String accept) {
        Response report = request.accept(accept).get("/provisioning/report");
        report.then().statusCode(200);
        return report;
    }

    private static void account(String name) {
        exactApi()
                .body(Map.of("username", name, "kind", "system"))
                .post("/accounts")
                .then()
                .statusCode(201);
    }

    private static List<Map<String, String>> rows(String csv) throws IOException {
        try (MappingIterator<Map<String, String>> rows = new CsvMapper()
                .readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader())
                .readValues(csv)) {
            return rows.readAll();
        }
    }

    /** The values of a thing by their fields, in the order of the table. */
    private static Map<String, String> values(List<Map<String, String>> rows, String section, String name) {
        Map<String, String> values = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> section.equals(row.get("section")) && name.equals(row.get("name")))
                .forEach(row -> values.put(row.getOrDefault("field", ""), row.getOrDefault("value", "")));
        return values;
    }

    /** Without the marks. */
    private static String exact(@Nullable String cell) {
        return cell == null ? "" : cell.replaceAll("(^|[;\\t\\r\\n])([\\p{Zs}\"]*+)'", "$1$2");
    }
}
