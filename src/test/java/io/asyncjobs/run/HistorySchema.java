package io.asyncjobs.run;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.asyncjobs.testsupport.TestDatabase;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;

/** A history of its own, in a schema of its own, whose time a test sets: nothing runs in it by itself. */
final class HistorySchema implements AutoCloseable {

    private final String name = "history_" + UUID.randomUUID().toString().replace("-", "");
    private final AgroalDataSource dataSource;
    private final Jdbi jdbi;

    /** Empty, and rolled up until that full hour. */
    HistorySchema(Instant start) {
        dataSource = pool(TestDatabase.ofThisJvm());
        Flyway.configure()
                .dataSource(dataSource)
                .schemas(name)
                .locations("classpath:db/migration")
                .load()
                .migrate();
        jdbi = node();
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update history_progress
                        set rolled_until = :start, details_from = :start
                        """)
                .bind("start", start.atOffset(ZoneOffset.UTC))
                .execute());
    }

    /** A new connection costs more than most of the statements. */
    private AgroalDataSource pool(TestDatabase database) {
        String url = database.jdbcUrl();
        try {
            return AgroalDataSource.from(
                    new AgroalDataSourceConfigurationSupplier().connectionPoolConfiguration(pool -> pool.maxSize(10)
                            .connectionFactoryConfiguration(factory -> factory.jdbcUrl(
                                            url + (url.contains("?") ? "&" : "?") + "currentSchema=" + name)
                                    .principal(new NamePrincipal(database.username()))
                                    .credential(new SimplePassword(database.password())))));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    Jdbi jdbi() {
        return jdbi;
    }

    DataSource dataSource() {
        return dataSource;
    }

    /** Connections as another node has them. */
    Jdbi node() {
        return Jdbi.create(dataSource)
                .installPlugin(new PostgresPlugin())
                .registerArrayType(OffsetDateTime.class, "timestamptz");
    }

    @Override
    public void close() {
        jdbi.useHandle(handle -> handle.execute("drop schema " + name + " cascade"));
        dataSource.close();
    }
}
