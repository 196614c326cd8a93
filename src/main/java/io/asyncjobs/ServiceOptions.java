package io.asyncjobs;

import io.asyncjobs.platform.CommandArguments.UsageException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of the commands that need the data folder, as they are given. */
final class ServiceOptions {

    private ServiceOptions() {}

    /** What all of them have. */
    abstract static class OverData {

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "The service's own folder; ASYNCJOBS_DATA or ./data unless given.")
        private @Nullable Path data;

        /** What was asked for. */
        abstract CommandLine command(Map<String, String> environment, String osUser);

        final Path data(Map<String, String> environment) {
            if (data != null) {
                return data;
            }
            String fromEnvironment = environment.getOrDefault("ASYNCJOBS_DATA", "");
            return Path.of(fromEnvironment.isBlank() ? "data" : fromEnvironment);
        }
    }

    @Command(
            name = "start",
            sortOptions = false,
            description =
                    "Starts the service, with a PostgreSQL of its own unless QUARKUS_DATASOURCE_JDBC_URL names one.")
    static final class Start extends OverData {

        @Option(names = "--port", description = "Where it listens; 0 for any free port, 8080 unless given.")
        private @Nullable String port;

        @Override
        CommandLine command(Map<String, String> environment, String osUser) {
            return new CommandLine.Start(Optional.ofNullable(port).map(Start::port), data(environment));
        }

        private static int port(String text) {
            try {
                int port = Integer.parseInt(text);
                if (port >= 0 && port <= 65535) {
                    return port;
                }
            } catch (NumberFormatException e) {
                // Said below, as for a number out of range
            }
            throw new UsageException("--port wants a number from 0 (any free one) to 65535, not '" + text + "'.");
        }
    }

    @Command(
            name = "token",
            sortOptions = false,
            description = "Prints a token for the service with the same data folder.")
    static final class Token extends OverData {

        /** Where the service is unless started otherwise. */
        private static final String DASHBOARD = "http://127.0.0.1:8080";

        private static final Pattern TIME = Pattern.compile("([1-9]\\d{0,5})([smhd])");

        @Option(names = "--user", paramLabel = "NAME", description = "Whose token; yours unless given.")
        private @Nullable String user;

        @Option(names = "--role", defaultValue = "superadmin", description = "superadmin unless given.")
        private String role = "superadmin";

        @Option(
                names = "--ttl",
                paramLabel = "TIME",
                defaultValue = "8h",
                description = "How long it is valid, like 90s, 30m, 8h or 7d; 8h unless given.")
        private String timeToLive = "8h";

        @Option(names = "--open", description = "Signs in to the dashboard in the browser instead.")
        private boolean open;

        @Option(
                names = "--url",
                description = "Where the dashboard is that --open opens; " + DASHBOARD + " unless given.")
        private @Nullable String url;

        @Override
        CommandLine command(Map<String, String> environment, String osUser) {
            if (url != null && !open) {
                throw new UsageException("The option --url wants the option --open beside it.");
            }
            String standard = osUser.isBlank() ? "superadmin" : osUser;
            return new CommandLine.Token(
                    user == null ? standard : user,
                    role,
                    duration(timeToLive),
                    data(environment),
                    open ? Optional.of(url(url == null ? DASHBOARD : url)) : Optional.empty());
        }

        private static URI url(String text) {
            try {
                URI url = URI.create(text);
                if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null) {
                    return url;
                }
            } catch (IllegalArgumentException e) {
                // Said below, as for one of another kind
            }
            throw new UsageException("--url wants where the service is, like " + DASHBOARD + ", not '" + text + "'.");
        }

        private static Duration duration(String text) {
            Matcher matcher = TIME.matcher(text);
            if (!matcher.matches()) {
                throw new UsageException("--ttl wants a time like 90s, 30m, 8h or 7d, not '" + text + "'.");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
    }

    @Command(
            name = "audit verify",
            sortOptions = false,
            description =
                    "Verifies an export of the audit trail, without a service and without its database. Exits with 1 if it"
                            + " is not intact, with 2 if it was called wrongly.")
    static final class AuditVerify extends OverData {

        @Parameters(paramLabel = "EXPORT", description = "The file of an export.")
        private Path export = Path.of("");

        @Option(
                names = "--keys",
                paramLabel = "FILE",
                description = "The file of the keys; ASYNCJOBS_AUDIT_KEYS or DIR/audit.key unless given.")
        private @Nullable Path keys;

        @Option(
                names = "--checkpoints",
                paramLabel = "FILE",
                description = "A file of checkpoints; without --keys also DIR/audit-checkpoints.ndjson.")
        private @Nullable Path checkpoints;

        @Option(names = "--partial", description = "The export holds a part of the trail.")
        private boolean partial;

        @Override
        CommandLine command(Map<String, String> environment, String osUser) {
            return new CommandLine.AuditVerify(
                    export, Optional.ofNullable(keys), Optional.ofNullable(checkpoints), partial, data(environment));
        }
    }
}
