package io.asyncjobs.connection;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which headers who may set. Names are compared without regard to case. */
public final class CallHeaders {

    public static final int MAX_COUNT = 50;

    private static final int MAX_NAME = 200;
    private static final int MAX_VALUE = 8000;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]*");

    /** They govern the exchange itself. */
    private static final Set<String> RESERVED = Set.of(
            "accept-encoding",
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "via");

    /** They say who calls. */
    private static final Set<String> CREDENTIALS =
            Set.of("authorization", "cookie", "cookie2", "proxy-authorization", "forwarded");

    /** They would turn a GET into something that is no GET, past everything that looks at the method. */
    private static final Set<String> OVERRIDES = Set.of("x-http-method", "x-http-method-override", "x-method-override");

    private CallHeaders() {}

    /** What is wrong with a header that a connection sends with every call, or null. */
    public static @Nullable String faultOfFixed(String name, String value) {
        if (isReserved(name) || isCredential(name) || isOverride(name)) {
            return "is a header that cannot be set here";
        }
        return fault(name, value);
    }

    /** What is wrong with the name of the header that carries a connection's secret, or null. */
    public static @Nullable String faultOfSecret(String name) {
        return isReserved(name) || isOverride(name) ? "is a header that cannot carry a secret" : fault(name, "");
    }

    /** What is wrong with a header that a script sends, or null. */
    public static @Nullable String faultOfScript(String name, String value, HttpSettings settings) {
        String header = settings.authentication().header();
        boolean fixed =
                settings.headers().keySet().stream().anyMatch(name::equalsIgnoreCase) || name.equalsIgnoreCase(header);
        if (fixed || isReserved(name) || isCredential(name) || isOverride(name)) {
            return "is a header that scripts cannot set";
        }
        return fault(name, value);
    }

    /** Whether a text can stand in a header. */
    public static boolean isValue(String value) {
        return VALUE.matcher(value).matches();
    }

    private static @Nullable String fault(String name, String value) {
        if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
            return "is no header's name";
        }
        if (value.length() > MAX_VALUE) {
            return "must be at most " + MAX_VALUE + " characters long";
        }
        return isValue(value) ? null : "must hold printable ASCII only";
    }

    private static boolean isReserved(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return RESERVED.contains(lower) || lower.startsWith("proxy-") || lower.startsWith("sec-");
    }

    private static boolean isCredential(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return CREDENTIALS.contains(lower) || lower.startsWith("x-forwarded-");
    }

    private static boolean isOverride(String name) {
        return OVERRIDES.contains(name.toLowerCase(Locale.ROOT));
    }
}
