package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a list costs in statements, of Hibernate and of our own, whatever it holds. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JobListCostTest {

    private static final int RARELY = 300;
    private static final int JOBS = 50;

    @Inject
    SessionFactory sessions;

    @Inject
    Jdbi jdbi;

    private final List<String> activityReads = new CopyOnWriteArrayList<>();
    private SqlLogger before = SqlLogger.NOP_SQL_LOGGER;

    @BeforeEach
    void count() {
        sessions.getStatistics().setStatisticsEnabled(true);
        before = jdbi.getConfig(SqlStatements.class).getSqlLogger();
        jdbi.setSqlLogger(new SqlLogger() {
            @Override
            public void logAfterExecution(StatementContext context) {
                // The timers' own statements go on meanwhile
                if (context.getRawSql() != null && context.getRawSql().contains("on r.id = t.last_run")) {
                    activityReads.add(context.getRawSql());
                }
            }
        });
    }

    @AfterEach
    void stopCounting() {
        sessions.getStatistics().setStatisticsEnabled(false);
        jdbi.setSqlLogger(before);
    }

    @Test
    void page_of_fifty_jobs_takes_as_many_statements_as_a_page_of_one() {
        String prefix = unique("cost");
        String user = unique("user");
        for (int i = 0; i < JOBS; i++) {
            api().body(Map.of("username", user + i)).post("/accounts").then().statusCode(201);
            createJob(RARELY, "return " + i, Map.of("name", prefix + i, "associatedUser", user + i));
        }

        assertThat(statements(prefix, JOBS)).isEqualTo(statements(prefix, 1)).isPositive();
    }

    private long statements(String name, int size) {
        Statistics hibernate = sessions.getStatistics();
        activityReads.clear();
        // The reconciler asks Hibernate for due pauses each second: the least of some lists is the list's own
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long start = hibernate.getPrepareStatementCount();
            int own = activityReads.size();
            JsonPath page = api().queryParam("name", name)
                    .queryParam("size", size)
                    .get("/jobs")
                    .then()
                    .statusCode(200)
                    .extract()
                    .jsonPath();
            least = Math.min(least, hibernate.getPrepareStatementCount() - start + activityReads.size() - own);
            assertThat(page.getList("items")).hasSize(size);
            assertThat(page.getInt("total")).isEqualTo(JOBS);
        }
        assertThat(activityReads).hasSize(5);
        return least;
    }
}
