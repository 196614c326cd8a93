package io.asyncjobs.connection;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Tells whether a connection of scripts leads to the service's own database, where leases, audit trail and secrets are.
 *
 * <p>When a connection is saved, its address is compared; when it is used, its server is asked who it is, since an address
 * says little: names, addresses, tunnels and poolers may all lead to one server. Thread-safe.
 */
@Singleton
public class OwnDatabase {

    /** The cluster's number, which no two have but copies of each other, and the database's number in it. */
    private static final String BY_CLUSTER = """
            select (select system_identifier::text from pg_catalog.pg_control_system()) || ' ' || oid::text
            from pg_catalog.pg_database where datname = pg_catalog.current_database()""";

    /** For servers that do not tell the cluster's number to everybody. */
    private static final String BY_START = """
            select extract(epoch from pg_catalog.pg_postmaster_start_time())::text || ' ' || oid::text
            from pg_catalog.pg_database where datname = pg_catalog.current_database()""";

    private final DataSource own;
    private final List<String> hosts;
    private final List<String> ports;
    private final String database;
    private final boolean allowed;

    OwnDatabase(
            DataSource own,
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") String jdbcUrl,
            ConnectionsConfig config) {
        this.own = own;
        this.allowed = config.allowOwnDatabase();
        Properties url = Optional.ofNullable(Driver.parseURL(jdbcUrl, null)).orElseGet(Properties::new);
        hosts = list(url.getProperty("PGHOST"));
        ports = list(url.getProperty("PGPORT"));
        database = url.getProperty("PGDBNAME", "");
    }

    /** Why such a connection may not be saved. */
    Optional<String> fault(PostgresqlSettings settings) {
        boolean isOwn = !allowed
                && settings.database().equals(database)
                && ports.contains(Integer.toString(settings.port()))
                && isOneOf(settings.host());
        return isOwn
                ? Optional.of("must not lead to the service's own database, unless the service is started with"
                        + " ASYNCJOBS_CONNECTIONS_ALLOW_OWN_DATABASE=true")
                : Optional.empty();
    }

    /** Whether that connection is one to the service's own database, whatever address led to it. */
    public boolean isAt(Connection other) throws SQLException {
        try {
            return identity(other, BY_CLUSTER).equals(ownIdentity(BY_CLUSTER));
        } catch (SQLException e) {
            requireRefused(e);
        }
        try {
            return identity(other, BY_START).equals(ownIdentity(BY_START));
        } catch (SQLException e) {
            requireRefused(e);
            // Not to be told by any PostgreSQL like the service's own, so it is another server
            return false;
        }
    }

    /** @throws ConnectionCallException when it is and may not be */
    public void requireAllowed(String name, boolean isOwn) {
        if (isOwn && !allowed) {
            throw new ConnectionCallException(
                    "unusable",
                    "sql: " + name
                            + ": the connection leads to the service's own database, which scripts may not use; it needs another"
                            + " database");
        }
    }

    /** Refused, or not known there: anything else is a fault of the line. */
    private static void requireRefused(SQLException e) throws SQLException {
        if (e.getSQLState() == null || !e.getSQLState().startsWith("42")) {
            throw e;
        }
    }

    private String ownIdentity(String query) throws SQLException {
        try (Connection connection = own.getConnection()) {
            return identity(connection, query);
        }
    }

    private static String identity(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : "none";
        }
    }

    private boolean isOneOf(String host) {
        for (String one : hosts) {
            if (one.equalsIgnoreCase(host)) {
                return true;
            }
        }
        List<InetAddress> given = addresses(host);
        boolean local = given.stream().anyMatch(OwnDatabase::isLocal);
        for (String one : hosts) {
            for (InetAddress address : addresses(one)) {
                if (given.contains(address) || (local && isLocal(address))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<InetAddress> addresses(String host) {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            // Known later, perhaps: its server is asked when it is used
            return List.of();
        }
    }

    private static boolean isLocal(InetAddress address) {
        try {
            return address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    private static List<String> list(@Nullable String text) {
        return text == null ? List.of() : Arrays.asList(text.split(","));
    }
}
