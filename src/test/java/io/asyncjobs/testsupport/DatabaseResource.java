package io.asyncjobs.testsupport;

import io.asyncjobs.platform.crypto.SecretBox;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Real PostgreSQL and a token issuer for a {@code @QuarkusTest}: {@code @WithTestResource(DatabaseResource.class)}.
 *
 * <p>The session's time zone is nowhere near UTC, so that a test fails where an instant loses its zone.
 */
public final class DatabaseResource implements QuarkusTestResourceLifecycleManager {

    private static final String PROPERTY = "asyncjobs.test.key-of.";
    private static final Object JVM_WIDE = System.getProperties();
    private static final String TIME_ZONE = "Asia/Kathmandu";

    @Override
    public Map<String, String> start() {
        TestDatabase database = TestDatabase.ofThisJvm();
        return Map.of(
                "quarkus.datasource.jdbc.url", database.jdbcUrl(),
                "quarkus.datasource.username", database.username(),
                "quarkus.datasource.password", database.password(),
                // The driver names the JVM's zone when it connects, over whatever role or database say
                "quarkus.datasource.jdbc.new-connection-sql",
                        "${asyncjobs.session-limits}; set time zone '" + TIME_ZONE + "'",
                "mp.jwt.verify.publickey", Tokens.verificationKeys(),
                "asyncjobs.encryption.keys", key("encryption"),
                "asyncjobs.audit.keys", key("audit"),
                "asyncjobs.user-tokens.signing-key-location",
                        Tokens.userTokenKey().toString());
    }

    /** One for the JVM, as the database is: what one application sealed, the next one opens. */
    private static String key(String use) {
        synchronized (JVM_WIDE) {
            String known = System.getProperty(PROPERTY + use);
            String key = known == null ? SecretBox.newKey("test") : known;
            System.setProperty(PROPERTY + use, key);
            return key;
        }
    }

    /** The server is the JVM's and ends with it. */
    @Override
    public void stop() {}
}
