package io.asyncjobs.dashboard.connections;

import io.asyncjobs.connection.ConnectionKind;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.connection.HttpAuthentication;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.connection.PostgresqlSettings;
import io.asyncjobs.dashboard.shell.Wording;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A connection on a page. */
public record ConnectionRow(ConnectionView connection) {

    public boolean isHttp() {
        return connection.kind() == ConnectionKind.HTTP;
    }

    public String kind() {
        return isHttp() ? "web service" : "PostgreSQL";
    }

    /** Where it leads. */
    public String target() {
        if (connection.damaged()) {
            return "nowhere: its settings are stored damaged, save it again";
        }
        if (isHttp()) {
            return http().baseUrl();
        }
        PostgresqlSettings settings = postgresql();
        return settings.host() + ":" + settings.port() + "/" + settings.database();
    }

    /** How it authenticates, and as whom. */
    public String authentication() {
        if (connection.damaged()) {
            return "unknown";
        }
        if (!isHttp()) {
            return "role " + postgresql().username();
        }
        HttpAuthentication authentication = http().authentication();
        return switch (authentication.type()) {
            case NONE -> "none";
            case BASIC -> "basic, as " + authentication.username();
            case BEARER -> "bearer token";
            case HEADER -> "header " + authentication.header();
            case OAUTH2_CLIENT_CREDENTIALS ->
                "OAuth2 client " + authentication.clientId() + " at " + authentication.tokenUrl();
            case USER_TOKEN -> "user's token for " + authentication.audience();
        };
    }

    /** Whether a secret is stored, missing or of no use. */
    public String secret() {
        if (connection.hasSecret()) {
            return "stored";
        }
        if (connection.damaged()) {
            return "none";
        }
        return isHttp() && http().authentication().type() != HttpAuthentication.Type.NONE
                ? "made for each call"
                : "none";
    }

    /** How the line to a database is protected. */
    public String tls() {
        return Wording.spaced(postgresql().tls().name().toLowerCase(Locale.ROOT));
    }

    /** What is sent along with each call, by name. */
    public Map<String, String> headers() {
        return connection.damaged() ? Map.of() : new TreeMap<>(http().headers());
    }

    public HttpSettings http() {
        return Objects.requireNonNull(connection.http());
    }

    public PostgresqlSettings postgresql() {
        return Objects.requireNonNull(connection.postgresql());
    }
}
