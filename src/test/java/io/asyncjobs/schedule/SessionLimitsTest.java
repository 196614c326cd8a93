package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.TestDatabase;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the service's own sessions do when their node, or somebody else's, stands still. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SessionLimitsTest {

    /** Of which the service itself knows nothing, so that it goes on. */
    private static final String LOCK = "select pg_advisory_xact_lock(18061961)";

    @Inject
    javax.sql.DataSource usual;

    @Inject
    @DataSource("schedule")
    javax.sql.DataSource schedule;

    @Inject
    @DataSource("heartbeat")
    javax.sql.DataSource heartbeat;

    /** As of a node that is frozen, or whose network is gone, between two statements. */
    @Test
    void locks_of_a_session_that_stands_still_in_a_transaction_are_freed() throws SQLException {
        long began = System.nanoTime();
        try (Connection frozen = schedule.getConnection()) {
            frozen.setAutoCommit(false);
            execute(frozen, LOCK);

            try (Connection other = TestDatabase.ofThisJvm().connect()) {
                execute(other, "set lock_timeout = '30s'");
                execute(other, LOCK);
            }

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
            assertThatThrownBy(() -> execute(frozen, "select 1")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void lock_that_somebody_keeps_is_not_waited_for() throws SQLException {
        try (Connection holder = TestDatabase.ofThisJvm().connect()) {
            holder.setAutoCommit(false);
            execute(holder, LOCK);
            try (Connection waiting = schedule.getConnection()) {
                assertThatThrownBy(() -> execute(waiting, LOCK))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("lock timeout");
            }
            holder.rollback();
        }
    }

    @Test
    void no_session_waits_without_end() throws SQLException {
        for (javax.sql.DataSource pool : List.of(usual, schedule, heartbeat)) {
            try (Connection connection = pool.getConnection()) {
                for (String limit : List.of(
                        "lock_timeout",
                        "statement_timeout",
                        "idle_in_transaction_session_timeout",
                        "tcp_user_timeout",
                        "tcp_keepalives_idle")) {
                    assertThat(shown(connection, limit)).as(limit).isNotEqualTo("0");
                }
            }
        }
    }

    private static void execute(Connection connection, String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private static String shown(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show " + setting)) {
            row.next();
            return row.getString(1);
        }
    }
}
