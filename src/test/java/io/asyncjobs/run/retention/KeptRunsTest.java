package io.asyncjobs.run.retention;

import static io.asyncjobs.testsupport.Api.api;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.run.PastJob;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** Runs that outlived their partition, over HTTP. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class KeptRunsTest {

    @Inject
    Jdbi jdbi;

    @Inject
    DatabaseClock clock;

    @Test
    void kept_run_is_found_like_any_other_by_id_and_in_lists_with_its_log() {
        PastJob job = new PastJob(jdbi, 300);
        UUID kept = job.ran(clock.now().minus(Duration.ofDays(60)), "succeeded", Duration.ofSeconds(1));
        UUID recent = job.ran(clock.now().minusSeconds(60), "failed", Duration.ofSeconds(1));
        job.log(kept, "[{\"at\":\"2026-01-01T00:00:00Z\",\"level\":\"info\",\"text\":\"long ago\"}]");
        jdbi.useTransaction(handle -> {
            handle.execute(
                    "with r as (delete from run where id = ? returning *) insert into run_kept select * from r", kept);
            handle.execute(
                    "with l as (delete from run_log where run_id = ? returning *) insert into run_log_kept select * from l",
                    kept);
        });

        api().get("/jobs/{job}/runs", job.id())
                .then()
                .statusCode(200)
                .body("total", equalTo(2))
                .body("items[0].id", equalTo(recent.toString()))
                .body("items[1].id", equalTo(kept.toString()));
        api().queryParam("outcome", "succeeded")
                .get("/jobs/{job}/runs", job.id())
                .then()
                .body("total", equalTo(1));
        api().get("/runs/{run}", kept).then().statusCode(200).body("outcome", equalTo("succeeded"));
        api().get("/runs/{run}/log", kept)
                .then()
                .statusCode(200)
                .body(equalTo("2026-01-01T00:00:00Z INFO  long ago\n"));
    }
}
