package io.asyncjobs.audit;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Refused sign-ins while the database is away. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SignInFailuresTest {

    private static final String REASON = "The token lacks the role";
    private static final int MOST_USERS = 1_000;

    @Inject
    DataSource database;

    @Inject
    AuditTrail audit;

    @Inject
    DatabaseClock clock;

    private final AtomicBoolean away = new AtomicBoolean(true);
    private SignInFailures failures;

    @BeforeEach
    void begin() {
        Jdbi jdbi = Jdbi.create(() -> {
            if (away.get()) {
                throw new SQLException("away");
            }
            return database.getConnection();
        });
        failures = new SignInFailures(jdbi, audit, clock);
    }

    @Test
    void what_cannot_be_written_is_written_with_what_came_meanwhile() {
        String user = unique("mallory");
        failures.note(user, REASON, "/first");
        failures.note(user, REASON, "/second");
        failures.write();
        failures.note(user, REASON, "/third");
        failures.write();

        away.set(false);
        failures.write();
        failures.write();

        JsonPath trail = trail(user);
        assertThat(trail.getList("items.reason")).containsExactly(REASON);
        assertThat(trail.getList("items.after.attempts")).containsExactly(3);
        assertThat(trail.getList("items.after.path")).containsExactly("/first");
    }

    @Test
    void written_once_it_is_quiet_for_a_minute() {
        away.set(false);
        String user = unique("mallory");
        failures.note(user, REASON, "/");
        failures.write();
        failures.note(user, REASON, "/");
        failures.write();

        assertThat(trail(user).getList("items.after.attempts")).containsExactly(1);
    }

    @Test
    void only_so_many_users_are_kept_for_later() {
        String prefix = unique("mallory") + "-";
        for (int user = 0; user < MOST_USERS + 1; user++) {
            failures.note(prefix + user, REASON, "/");
        }
        failures.write();
        away.set(false);
        failures.write();

        assertThat(trail(prefix + (MOST_USERS - 1)).getInt("total")).isOne();
        assertThat(trail(prefix + MOST_USERS).getInt("total")).isZero();
    }

    private static JsonPath trail(String user) {
        return api().queryParam("entityType", "sign-in")
                .queryParam("entity", user)
                .get("/audit")
                .jsonPath();
    }
}
