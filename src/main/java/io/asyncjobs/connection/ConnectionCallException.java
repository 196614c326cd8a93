package io.asyncjobs.connection;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call over a connection that was refused or failed. The message is made for the script: it names the connection and
 * holds nothing of the service's inside, no secret and no address.
 */
public final class ConnectionCallException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final LinkedHashMap<String, Object> fields = new LinkedHashMap<>();

    /** @param code what happened, in a word that stays the same whatever the message says; see docs/scripts.md */
    public ConnectionCallException(String code, String message) {
        super(message);
        fields.put("code", code);
    }

    /** The same failure, with a field more if there is a value for it: a text or a whole number. */
    public ConnectionCallException with(String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
        return this;
    }

    /** The same failure with another message. */
    public ConnectionCallException saying(String message) {
        ConnectionCallException other = new ConnectionCallException(String.valueOf(fields.get("code")), message);
        other.fields.putAll(fields);
        return other;
    }

    /** What a script finds on the error beside its message. */
    public Map<String, Object> fields() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(fields));
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
