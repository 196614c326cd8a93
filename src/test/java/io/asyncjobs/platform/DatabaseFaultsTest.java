package io.asyncjobs.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import jakarta.transaction.RollbackException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

@Fast
class DatabaseFaultsTest {

    private static final SQLException BROKEN = new SQLException("An I/O error occurred", "08006");

    @Test
    void commit_that_lost_its_connection_is_a_fault_of_the_connection() {
        RollbackException rollback = new RollbackException("Could not commit transaction");
        rollback.addSuppressed(new IllegalStateException("Error trying to commit", BROKEN));

        assertThat(DatabaseFaults.isOfTheConnection(new IllegalStateException(rollback)))
                .isTrue();
    }

    @Test
    void fault_of_ours_stays_one_although_closing_failed_after_it() {
        IllegalStateException ours = new IllegalStateException("ours");
        ours.addSuppressed(BROKEN);

        assertThat(DatabaseFaults.isOfTheDatabase(ours)).isFalse();
    }
}
