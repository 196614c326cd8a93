package io.asyncjobs.connection;

import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be said of a draft by itself. */
@Singleton
class ConnectionChecker {

    /** No scheme, path, list or option can be smuggled in with a host of these. */
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private static final Pattern PROXY = Pattern.compile("([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?):([0-9]{1,5})");
    private static final Pattern SECRET_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final int MAX_NAMED_SECRET = 20_000;

    private final UserTokens userTokens;
    private final OwnDatabase ownDatabase;

    ConnectionChecker(UserTokens userTokens, OwnDatabase ownDatabase) {
        this.ownDatabase = ownDatabase;
        this.userTokens = userTokens;
    }

    /**
     * The settings as they are kept.
     *
     * @throws InvalidException with all that is wrong
     * @throws RefusedException when calls would need a key that this service has not
     */
    ConnectionSettings check(ConnectionDraft draft) {
        List<Violation> violations = new ArrayList<>();
        ConnectionSettings settings = settings(draft, violations);
        String secret = draft.secret();
        if (settings != null && secret != null) {
            checkSecret(settings, secret, violations);
        }
        if (!violations.isEmpty() || settings == null) {
            throw new InvalidException(violations);
        }
        HttpSettings http = settings.http();
        if (http != null
                && http.authentication().type() == HttpAuthentication.Type.USER_TOKEN
                && !userTokens.available()) {
            throw new RefusedException(
                    "signing-key-missing",
                    "Users' tokens need a key to sign them with: set ASYNCJOBS_USER_TOKENS_SIGNING_KEY_LOCATION and"
                            + " start the service again.");
        }
        return settings;
    }

    private @Nullable ConnectionSettings settings(ConnectionDraft draft, List<Violation> violations) {
        HttpSettings http = draft.http();
        PostgresqlSettings postgresql = draft.postgresql();
        if (http != null && postgresql != null) {
            violations.add(new Violation("postgresql", "must be absent where http is given"));
            return null;
        }
        if (http != null) {
            HttpSettings checked = checked(http, violations);
            TlsChecker.check(draft, checked, violations);
            checkNamed(draft.secrets(), violations);
            return new ConnectionSettings.Http(checked, draft.tls());
        }
        if (postgresql != null) {
            check(postgresql, violations);
            TlsChecker.check(draft, postgresql, violations);
            if (!draft.secrets().isEmpty()) {
                violations.add(new Violation("secrets", "are for http only"));
            }
            return new ConnectionSettings.Postgresql(postgresql, draft.tls());
        }
        violations.add(new Violation("http", "is required, or postgresql"));
        return null;
    }

    private static HttpSettings checked(HttpSettings http, List<Violation> violations) {
        String baseUrl = ServiceAddress.checked(http.baseUrl(), violations);
        Set<String> names = new HashSet<>();
        http.headers().forEach((name, value) -> {
            String fault = CallHeaders.faultOfFixed(name, value);
            if (fault == null && !names.add(name.toLowerCase(Locale.ROOT))) {
                fault = "is given more than once";
            }
            if (fault != null) {
                violations.add(new Violation("http.headers." + name, fault));
            }
        });
        HttpAuthentication authentication = AuthenticationChecker.checked(http.authentication(), names, violations);
        return new HttpSettings(
                baseUrl,
                http.headers(),
                authentication,
                http.connectTimeoutMillis(),
                http.readTimeoutMillis(),
                http.totalTimeoutMillis(),
                http.maxResponseBytes(),
                http.redact(),
                http.maxConcurrentCalls(),
                http.callsPerSecond(),
                http.retries(),
                checkedProxy(http.proxy(), violations));
    }

    private void check(PostgresqlSettings postgresql, List<Violation> violations) {
        if (!HOST.matcher(postgresql.host()).matches()) {
            violations.add(new Violation("postgresql.host", "must be a host name or an IP address"));
        } else {
            ownDatabase.fault(postgresql).ifPresent(fault -> violations.add(new Violation("postgresql.host", fault)));
        }
        if (hasControl(postgresql.database())) {
            violations.add(new Violation("postgresql.database", "must hold no control characters"));
        }
        if (hasControl(postgresql.username())) {
            violations.add(new Violation("postgresql.username", "must hold no control characters"));
        }
    }

    private static @Nullable String checkedProxy(@Nullable String proxy, List<Violation> violations) {
        if (proxy == null || proxy.isEmpty()) {
            return null;
        }
        Matcher matcher = PROXY.matcher(proxy);
        if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65_535) {
            violations.add(new Violation("http.proxy", "must be a host and a port, like proxy.example.com:3128"));
        }
        return proxy.toLowerCase(Locale.ROOT);
    }

    private static void checkNamed(Map<String, String> secrets, List<Violation> violations) {
        secrets.forEach((name, secret) -> {
            String field = "secrets." + name;
            if (!SECRET_NAME.matcher(name).matches()) {
                violations.add(new Violation(
                        field, "has a name that is not 1 to 100 letters, digits, dots, hyphens and underscores"));
            } else if (secret.length() > MAX_NAMED_SECRET) {
                violations.add(new Violation(field, "must be at most " + MAX_NAMED_SECRET + " characters long"));
            } else if (hasControl(secret.replaceAll("[\\r\\n\\t]", ""))) {
                violations.add(new Violation(field, "must hold no control characters but line ends and tabs"));
            }
        });
    }

    private static void checkSecret(ConnectionSettings settings, String secret, List<Violation> violations) {
        if (!settings.takesSecret()) {
            violations.add(new Violation("secret", "must be absent where nothing authenticates"));
            return;
        }
        HttpSettings http = settings.http();
        boolean inHeader = http != null
                && Set.of(HttpAuthentication.Type.BEARER, HttpAuthentication.Type.HEADER)
                        .contains(http.authentication().type());
        if (inHeader && (!CallHeaders.isValue(secret) || !secret.strip().equals(secret))) {
            violations.add(new Violation(
                    "secret", "must hold printable ASCII only, without spaces at its ends, to stand in a header"));
        } else if (hasControl(secret)) {
            violations.add(new Violation("secret", "must hold no control characters"));
        }
    }

    static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}
