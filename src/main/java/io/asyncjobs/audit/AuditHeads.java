package io.asyncjobs.audit;

import jakarta.inject.Singleton;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import javax.sql.DataSource;

/** The end of the trail, for documents that say how far it had come. */
@Singleton
public class AuditHeads {

    private static final String WAITING = "select count(*) from audit_waiting";
    private static final String LAST = "select seq, at, hash from audit_event order by seq desc limit 1";

    private final DataSource database;
    private final AuditChain chain;

    AuditHeads(DataSource database, AuditChain chain) {
        this.database = database;
        this.chain = chain;
    }

    /** Links what is committed now, so that the head counts it. To be called before the transaction that reads the head. */
    public void catchUp() {
        chain.catchUp();
    }

    /** The head as the caller's JTA transaction sees it, which must be there. */
    @Transactional(Transactional.TxType.MANDATORY)
    public AuditHead head() {
        try (Connection connection = database.getConnection()) {
            long waiting = waiting(connection);
            try (PreparedStatement select = connection.prepareStatement(LAST);
                    ResultSet last = select.executeQuery()) {
                return last.next()
                        ? new AuditHead(last.getLong("seq"), at(last), last.getString("hash"), waiting)
                        : new AuditHead(0, null, AuditSeals.GENESIS, waiting);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The head of the audit trail cannot be read", e);
        }
    }

    private static long waiting(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(WAITING);
                ResultSet count = select.executeQuery()) {
            count.next();
            return count.getLong(1);
        }
    }

    private static Instant at(ResultSet row) throws SQLException {
        return row.getObject("at", OffsetDateTime.class).toInstant();
    }
}
