package io.asyncjobs.testsupport;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;

/** The service's tables once more, in a schema of their own, which goes with this object: no application works on them. */
public final class OwnSchema implements AutoCloseable {

    private final String name;
    /** A new connection costs more than most of the statements. */
    private final AgroalDataSource dataSource;

    /** Empty tables in a schema whose name begins so. */
    public OwnSchema(String prefix) {
        name = prefix + "_" + UUID.randomUUID().toString().replace("-", "");
        dataSource = pool(TestDatabase.ofThisJvm());
        Flyway.configure()
                .dataSource(dataSource)
                .schemas(name)
                .locations("classpath:db/migration")
                .load()
                .migrate();
    }

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

    public String name() {
        return name;
    }

    public DataSource dataSource() {
        return dataSource;
    }

    /** As the service makes it. */
    public static Jdbi jdbi(DataSource dataSource) {
        return Jdbi.create(dataSource)
                .installPlugin(new PostgresPlugin())
                .registerArrayType(OffsetDateTime.class, "timestamptz");
    }

    @Override
    public void close() {
        try (Connection connection = dataSource.getConnection();
                Statement drop = connection.createStatement()) {
            drop.execute("drop schema " + name + " cascade");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            dataSource.close();
        }
    }
}
