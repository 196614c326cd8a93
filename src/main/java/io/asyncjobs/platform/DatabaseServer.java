package io.asyncjobs.platform;

import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** What the database is. */
@Singleton
public class DatabaseServer {

    private final DataSource database;

    DatabaseServer(DataSource database) {
        this.database = database;
    }

    /** Product and version: {@code PostgreSQL 18.6}. */
    public String version() {
        try (Connection connection = database.getConnection()) {
            return connection.getMetaData().getDatabaseProductName() + " "
                    + connection.getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            throw new IllegalStateException("The database does not tell its version", e);
        }
    }
}
