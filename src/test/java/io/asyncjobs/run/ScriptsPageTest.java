package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Outside;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** The examples of docs/scripts.md, each tried as it stands. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ScriptsPageTest {

    private static final Pattern EXAMPLE =
            Pattern.compile("```js\n(?<script>.*?)```\n```json\n(?<result>.*?)```", Pattern.DOTALL);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void every_example_gives_what_the_page_says() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        int count = 0;
        try (Outside outside = new Outside()) {
            outside.answering("GET /queries?status=open&site=%C3%85rhus", "[{\"id\":7,\"ageDays\":40}]");
            outside.answering("GET /queries?status=open", "[{\"id\":7}]");
            outside.connectHttp("clinical-api");
            outside.connectSql("edc-db");
            outside.execute(
                    "drop table if exists finding",
                    "create table finding (id int primary key, state text)",
                    "insert into finding values (1, 'open'), (2, 'new')");
            Matcher examples = EXAMPLE.matcher(Files.readString(Path.of("docs/scripts.md")));
            while (examples.find()) {
                count++;
                JsonNode trial = JSON.readTree(api().body(Map.of(
                                "script",
                                examples.group("script"),
                                "parameters",
                                Map.of(
                                        "maxAgeDays",
                                        30,
                                        "items",
                                        List.of(Map.of("ageDays", 31), Map.of("ageDays", 3)))))
                        .post("/trials")
                        .asString());
                softly.assertThat(trial.path("result"))
                        .as("%s: %s", examples.group("script"), trial)
                        .isEqualTo(JSON.readTree(examples.group("result")));
            }
        }
        assertThat(count).isEqualTo(15);
        softly.assertAll();
    }

    @Test
    void declarations_are_served() {
        assertThat(api().get("/scripts/asyncjobs.d.ts")
                        .then()
                        .statusCode(200)
                        .contentType("text/plain")
                        .extract()
                        .asString())
                .contains("declare const state");
        api().body(
                        Map.of(
                                "script",
                                "return ['params', 'job', 'run', 'user', 'log', 'console', 'state', 'http', 'sql', 'audit', 'sleep', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'charset', 'atob', 'btoa', 'structuredClone', 'setTimeout', 'setInterval', 'queueMicrotask', 'performance', 'DOMException', 'Event', 'EventTarget', 'AbortSignal', 'AbortController', 'crypto', 'Temporal', 'Decimal', 'xml', 'csv', 'hl7']"
                                        + ".filter(name => !(name in globalThis)).concat([http, sql, state, audit, log]"
                                        + ".flatMap(group => Object.keys(group).filter(name => typeof group[name] !== 'function')))"))
                .post("/trials")
                .then()
                .body("result", org.hamcrest.Matchers.empty());
    }
}
