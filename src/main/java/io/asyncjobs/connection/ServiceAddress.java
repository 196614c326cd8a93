package io.asyncjobs.connection;

import io.asyncjobs.platform.problem.Violation;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

/** The addresses that a draft names: scheme and host in lower case, no slash at the end. */
final class ServiceAddress {

    private ServiceAddress() {}

    /** A base URL as it is kept. */
    static String checked(String text, List<Violation> violations) {
        return checked("http.baseUrl", text, true, violations);
    }

    /** The address of a token endpoint as it is kept; unlike a base URL it may end with a slash. */
    static String checkedTokenUrl(String field, String text, List<Violation> violations) {
        return checked(field, text, false, violations);
    }

    private static String checked(String field, String text, boolean base, List<Violation> violations) {
        URI uri;
        try {
            uri = new URI(text).parseServerAuthority();
        } catch (URISyntaxException e) {
            violations.add(new Violation(field, "must be a URL like https://host/path"));
            return text;
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (!(scheme.equals("http") || scheme.equals("https")) || host == null || uri.getPort() > 65_535) {
            violations.add(new Violation(field, "must be a URL like https://host/path, with http or https"));
            return text;
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            violations.add(new Violation(field, "must hold no user, no query (?) and no fragment (#)"));
            return text;
        }
        String path = uri.getRawPath();
        while (base && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        String fault = CallAddress.fault(path);
        if (fault != null) {
            violations.add(new Violation(field, "has a path that " + fault));
            return text;
        }
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return scheme + "://" + host.toLowerCase(Locale.ROOT) + port + path;
    }
}
