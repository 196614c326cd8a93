package io.asyncjobs.script;

import static io.asyncjobs.testsupport.Api.api;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ScriptsResourceTest {

    @Test
    void script_that_parses_is_valid_and_has_its_digests() {
        api().body(Map.of("script", "return 1;\n"))
                .post("/scripts/validate")
                .then()
                .statusCode(200)
                .body("valid", equalTo(true))
                .body("md5", equalTo("539ab49ab4255f449feac86c19d3b1a9"))
                .body("sha256", equalTo(ScriptSource.of("return 1;\n").sha256()))
                .body("problems", hasSize(0));
    }

    @Test
    void script_that_does_not_parse_says_where() {
        api().body(Map.of("script", "const a = 1;\nreturn a +* 2;"))
                .post("/scripts/validate")
                .then()
                .statusCode(200)
                .body("valid", equalTo(false))
                .body("problems[0].line", equalTo(2))
                .body("problems[0].column", equalTo(11));
    }

    @Test
    void text_that_is_no_script_is_refused_by_name() {
        for (String body : List.of("{}", "{\"script\":null}", "{\"script\":5}", "{\"script\":\"\\ud800\"}")) {
            api().body(body)
                    .post("/scripts/validate")
                    .then()
                    .statusCode(422)
                    .body("violations.field", equalTo(List.of("script")));
        }
    }
}
