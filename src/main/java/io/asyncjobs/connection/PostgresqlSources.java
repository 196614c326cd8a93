package io.asyncjobs.connection;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/** How sessions of a database are opened. Thread-safe. */
@Singleton
public class PostgresqlSources {

    /** The longest time until a server has taken the connection. */
    public static final Duration MAX_CONNECTING = Duration.ofSeconds(10);

    /** For one new session. */
    public PGSimpleDataSource source(OpenConnection<PostgresqlSettings> opened) throws SQLException {
        PostgresqlSettings settings = opened.settings();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {settings.host()});
        source.setPortNumbers(new int[] {settings.port()});
        source.setDatabaseName(settings.database());
        source.setUser(settings.username());
        String password = opened.secret();
        // Never null: the driver would look for one in the home directory
        source.setPassword(password == null ? "" : password);
        source.setApplicationName("async-job-manager");
        source.setGssEncMode("disable");
        switch (settings.tls()) {
            case DISABLE -> source.setSslMode("disable");
            case REQUIRE -> source.setSslMode("require");
            case VERIFY_FULL -> {
                source.setSslMode("verify-full");
                OpenTls tls = opened.tls();
                if (tls == null) {
                    // By the JVM's trusted certificates, as for HTTP
                    source.setSslfactory("org.postgresql.ssl.DefaultJavaSSLFactory");
                } else {
                    source.setSslfactory(ConnectionSslFactory.class.getName());
                    source.setSslFactoryArg(ConnectionSslFactory.offer(opened, tls));
                }
            }
        }
        // Every value as text, so that what a script sees is what PostgreSQL writes
        source.setBinaryTransfer(false);
        // A run's statements are seldom repeated; a prepared one would outlive a change of its table
        source.setPrepareThreshold(0);
        source.setConnectTimeout((int) MAX_CONNECTING.toSeconds());
        source.setCancelSignalTimeout(2);
        source.setTcpKeepAlive(true);
        source.setLogServerErrorDetail(false);
        return source;
    }

    void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) ConnectionDeleted gone) {
        ConnectionSslFactory.forget(gone.id());
    }
}
