package io.asyncjobs.connection;

/**
 * What was checked of a draft, or read from the table. Exactly one of the two kinds.
 *
 * <p>{@link #target} is where a secret goes: while it stays the same, a stored secret may stay, and a sealed one opens for
 * no other.
 */
sealed interface ConnectionSettings {

    ConnectionKind kind();

    String target();

    /** Whether calls need a secret. */
    boolean needsSecret();

    /** Whether calls can use a secret. */
    boolean takesSecret();

    record Http(HttpSettings settings) implements ConnectionSettings {

        @Override
        public ConnectionKind kind() {
            return ConnectionKind.HTTP;
        }

        @Override
        public String target() {
            String tokenUrl = settings.authentication().tokenUrl();
            return settings.authentication().type() + " " + settings.baseUrl()
                    + (tokenUrl == null ? "" : " " + tokenUrl);
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

    record Postgresql(PostgresqlSettings settings) implements ConnectionSettings {

        @Override
        public ConnectionKind kind() {
            return ConnectionKind.POSTGRESQL;
        }

        /** With the protection of the line: a password kept while TLS is turned off would go where anybody listens. */
        @Override
        public String target() {
            return settings.tls() + " " + settings.host() + " " + settings.port();
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
}
