package io.asyncjobs.run;

import io.asyncjobs.testsupport.TestDatabase;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.postgresql.ds.PGSimpleDataSource;

/** A history of its own, in a schema of its own, whose time a test sets: nothing runs in it by itself. */
final class HistorySchema implements AutoCloseable {

    private final String name = "history_" + UUID.randomUUID().toString().replace("-", "");
    private final PGSimpleDataSource dataSource = new PGSimpleDataSource();
    private final Jdbi jdbi;

    /** Empty, and rolled up until that full hour. */
    HistorySchema(Instant start) {
        TestDatabase database = TestDatabase.ofThisJvm();
        dataSource.setUrl(database.jdbcUrl());
        dataSource.setUser(database.username());
        dataSource.setPassword(database.password());
        dataSource.setCurrentSchema(name);
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

    Jdbi jdbi() {
        return jdbi;
    }

    PGSimpleDataSource dataSource() {
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
    }
}
