package io.asyncjobs.connection;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Addresses below a base URL. What a script adds to it can neither name another host nor climb out of the base's path,
 * however it is encoded: servers and proxies differ in how often they decode and what they take for a slash, so the
 * strictest reading of all of them counts.
 */
public final class CallAddress {

    private static final int MAX_CHARS = 8000;
    private static final int MAX_DECODING_ROUNDS = 4;
    private static final Pattern PATH = Pattern.compile("(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/]|%\\p{XDigit}{2})*");
    private static final Pattern QUERY = Pattern.compile("(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/?\\[\\]]|%\\p{XDigit}{2})*");

    private static final Pattern ABSOLUTE = Pattern.compile("https?://", Pattern.CASE_INSENSITIVE);

    private CallAddress() {}

    /** What is wrong with that path and query, readable after "the path", or null. */
    public static @Nullable String fault(String pathAndQuery) {
        if (pathAndQuery.length() > MAX_CHARS) {
            return "must be at most " + MAX_CHARS + " characters long";
        }
        if (pathAndQuery.indexOf('#') >= 0) {
            return "must not hold a fragment (#)";
        }
        int mark = pathAndQuery.indexOf('?');
        String path = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
        String query = mark < 0 ? "" : pathAndQuery.substring(mark + 1);
        if (!path.isEmpty() && !path.startsWith("/")) {
            return "must begin with / or ?";
        }
        if (path.startsWith("//")) {
            return "must not begin with two slashes";
        }
        if (!PATH.matcher(path).matches() || !QUERY.matcher(query).matches()) {
            return "must hold only what an address may; encode everything else with encodeURIComponent";
        }
        return climbs(path) ? "must not hold . or .. as a part, encoded or not, nor encoded control characters" : null;
    }

    /** The base with something that has no {@link #fault} behind it. */
    public static URI of(String baseUrl, String pathAndQuery) {
        return URI.create(baseUrl + pathAndQuery);
    }

    /** Whether it names scheme and host itself, as the link to a next page often does. */
    public static boolean isAbsolute(String address) {
        return ABSOLUTE.matcher(address).lookingAt();
    }

    /** The path and query that lead from the base to an absolute address; null if that is not below the base. */
    public static @Nullable String relative(String baseUrl, String absolute) {
        try {
            return relative(baseUrl, new URI(absolute));
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Where a redirect leads if that is below the base still; null otherwise. */
    public static @Nullable URI redirected(String baseUrl, URI from, String location) {
        try {
            String rest = relative(baseUrl, from.resolve(new URI(location.strip())));
            // Put together anew: the case of host and scheme, and a fragment, do not travel on
            return rest == null ? null : of(baseUrl, rest);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static @Nullable String relative(String baseUrl, URI to) {
        URI base = URI.create(baseUrl);
        String basePath = base.getRawPath();
        String path = to.getRawPath();
        boolean below = path != null
                && base.getScheme().equalsIgnoreCase(to.getScheme())
                && base.getHost().equalsIgnoreCase(to.getHost())
                && port(base) == port(to)
                && to.getRawUserInfo() == null
                && (path.equals(basePath) || path.startsWith(basePath + "/"));
        if (!below) {
            return null;
        }
        String query = to.getRawQuery() == null ? "" : "?" + to.getRawQuery();
        String rest = path.substring(basePath.length()) + query;
        return fault(rest) == null ? rest : null;
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    private static boolean climbs(String encoded) {
        String path = encoded;
        for (int round = 0; round < MAX_DECODING_ROUNDS; round++) {
            if (hasDotPart(path) || path.chars().anyMatch(Character::isISOControl)) {
                return true;
            }
            String decoded = decoded(path);
            if (decoded == null) {
                return true;
            }
            if (decoded.equals(path)) {
                return false;
            }
            path = decoded;
        }
        return true;
    }

    private static boolean hasDotPart(String path) {
        for (String part : path.replace('\\', '/').split("/", -1)) {
            // Some servers cut ;parameters off before they look at the dots
            int semicolon = part.indexOf(';');
            String name = semicolon < 0 ? part : part.substring(0, semicolon);
            if (name.equals(".") || name.equals("..")) {
                return true;
            }
        }
        return false;
    }

    /** One round of percent-decoding; null for what is no UTF-8 then. */
    private static @Nullable String decoded(String path) {
        byte[] text = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(text.length);
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '%'
                    && i + 2 < text.length
                    && HexFormat.isHexDigit(text[i + 1])
                    && HexFormat.isHexDigit(text[i + 2])) {
                bytes.put((byte) (HexFormat.fromHexDigit(text[i + 1]) << 4 | HexFormat.fromHexDigit(text[i + 2])));
                i += 2;
            } else {
                bytes.put(text[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
