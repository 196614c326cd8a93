package io.asyncjobs.job;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** What who can only read the database sees of scripts. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SealedScriptsTest {

    @Inject
    Jdbi jdbi;

    @Inject
    StoredScripts scripts;

    @Test
    void source_is_nowhere_in_the_database() {
        String marker = "proprietary_" + UUID.randomUUID().toString().replace('-', '_');
        String script = "const " + marker + " = null; " + marker + ".fails();";
        String job = idleJob(script).getString("id");

        Map<String, Object> run = runNow(job);

        api().get("/runs/{run}", run.get("id"))
                .then()
                .body("outcome", equalTo("failed"))
                .body("error.stack", containsString("1 | " + script));
        api().get("/jobs/{job}", job).then().body("script", equalTo(script));
        assertThat(tables())
                .contains("script", "run", "audit_event", "job_revision")
                .allSatisfy(table -> assertThat(rowsWith(table, script.substring(6, 40)))
                        .as(table)
                        .isZero());
    }

    @Test
    void source_from_before_sealing_is_read_and_sealed_with_the_next_start() {
        String script = "return '" + UUID.randomUUID() + "'";
        String job = idleJob(script).getString("id");
        String digest = api().get("/jobs/{job}", job).jsonPath().getString("scriptSha256");
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update script set content = :content, key_id = null where sha256 = :digest")
                .bind("content", script.getBytes(StandardCharsets.UTF_8))
                .bind("digest", digest)
                .execute());
        assertThat(rowsWith("script", script)).isOne();
        api().get("/jobs/{job}", job).then().body("script", equalTo(script));

        scripts.onStart(new StartupEvent());

        assertThat(rowsWith("script", script)).isZero();
        api().get("/jobs/{job}", job).then().body("script", equalTo(script));
    }

    private List<String> tables() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select table_name from information_schema.tables where table_schema = current_schema()")
                .mapTo(String.class)
                .list());
    }

    /** How many rows hold that text, be it as text or as bytes. */
    private long rowsWith(String table, String text) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select count(*) from <table> t
                        where position(:text in t::text) > 0 or position(encode(:bytes, 'hex') in t::text) > 0
                        """)
                .define("table", table)
                .bind("text", text)
                .bind("bytes", text.getBytes(StandardCharsets.UTF_8))
                .mapTo(Long.class)
                .one());
    }
}
