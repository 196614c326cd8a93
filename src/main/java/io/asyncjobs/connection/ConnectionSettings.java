package io.asyncjobs.connection;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What was checked of a draft, or read from the table. Exactly one of the two kinds.
 *
 * <p>{@link #target} is where a secret goes, and how: while it stays the same, a stored secret may stay, and a sealed one opens
 * for no other. {@link #place} is the same for what does not depend on the authentication.
 */
sealed interface ConnectionSettings {

    ConnectionKind kind();

    String target();

    String place();

    @Nullable
    TlsSettings tls();

    /** Whether calls need a secret. */
    boolean needsSecret();

    /** Whether calls can use a secret. */
    boolean takesSecret();

    /** The settings of a web service; null for the other kind. */
    default @Nullable HttpSettings http() {
        return this instanceof Http service ? service.settings : null;
    }

    /** The settings of a database; null for the other kind. */
    default @Nullable PostgresqlSettings postgresql() {
        return this instanceof Postgresql database ? database.settings : null;
    }

    /** A web service. */
    record Http(HttpSettings settings, @Nullable TlsSettings tls) implements ConnectionSettings {

        @Override
        public ConnectionKind kind() {
            return ConnectionKind.HTTP;
        }

        @Override
        public String target() {
            String tokenUrl = settings.authentication().tokenUrl();
            return settings.authentication().type() + " " + settings.baseUrl()
                    + (tokenUrl == null ? "" : " " + tokenUrl) + way();
        }

        @Override
        public String place() {
            return settings.baseUrl() + way();
        }

        /** Who else could read what is sent: a proxy, and whoever has a certificate of another authority. */
        private String way() {
            return (settings.proxy() == null ? "" : " proxy:" + settings.proxy()) + trusted(tls);
        }

        @Override
        public boolean needsSecret() {
            return takesSecret();
        }

        @Override
        public boolean takesSecret() {
            return switch (settings.authentication().type()) {
                case NONE, USER_TOKEN -> false;
                case BASIC, BEARER, HEADER, OAUTH2_CLIENT_CREDENTIALS -> true;
            };
        }
    }

    /** A database. */
    record Postgresql(PostgresqlSettings settings, @Nullable TlsSettings tls) implements ConnectionSettings {

        @Override
        public ConnectionKind kind() {
            return ConnectionKind.POSTGRESQL;
        }

        /** With the protection of the line: a password kept while TLS is turned off would go where anybody listens. */
        @Override
        public String target() {
            return settings.tls() + " " + settings.host() + " " + settings.port() + trusted(tls);
        }

        @Override
        public String place() {
            return target();
        }

        @Override
        public boolean needsSecret() {
            return false;
        }

        @Override
        public boolean takesSecret() {
            return true;
        }
    }

    private static String trusted(@Nullable TlsSettings tls) {
        String authority = tls == null ? null : tls.caCertificate();
        if (authority == null) {
            return "";
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(authority.getBytes(StandardCharsets.UTF_8));
            return " ca:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
