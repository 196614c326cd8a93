package io.asyncjobs.platform;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.OffsetDateTime;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;

/** Plain SQL beside the repositories: named parameters, arrays, one statement for a batch. Not for use inside JTA transactions. */
final class Database {

    @Produces
    @Singleton
    Jdbi jdbi(DataSource dataSource) {
        return over(dataSource);
    }

    /** Over the connections that are kept for claims and completions, whose statements must be short. */
    @Produces
    @Singleton
    @io.quarkus.agroal.DataSource("schedule")
    Jdbi schedule(@io.quarkus.agroal.DataSource("schedule") DataSource dataSource) {
        return over(dataSource);
    }

    private static Jdbi over(DataSource dataSource) {
        return Jdbi.create(dataSource)
                .installPlugin(new PostgresPlugin())
                .registerArrayType(OffsetDateTime.class, "timestamptz");
    }
}
