package io.asyncjobs.connection;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call over a connection that was refused or failed. The message is made for the script: it names the connection and
 * holds nothing of the service's inside, no secret and no address.
 */
public final class ConnectionCallException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What happened, in a word that stays the same whatever the message says; see docs/scripts.md. */
    private final String code;

    /** What the database calls it. */
    private final @Nullable String sqlState;

    /** Of the answer that is the failure, or 0. */
    private final int status;

    public ConnectionCallException(String code, String message) {
        this(code, message, null, 0, null);
    }

    /** The cause is for the service's own log only. */
    public ConnectionCallException(
            String code, String message, @Nullable String sqlState, int status, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.sqlState = sqlState;
        this.status = status;
    }

    /** What a script finds on the error beside its message. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("code", code);
        if (sqlState != null) {
            fields.put("sqlState", sqlState);
        }
        if (status != 0) {
            fields.put("status", status);
        }
        return fields;
    }

    /** A script's text in a message: bounded, and nothing in it that could break a line. */
    public static String shown(String text) {
        String visible = text.codePoints()
                .limit(100)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return visible.length() < text.length() ? visible + "…" : visible;
    }
}
