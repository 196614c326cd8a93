package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The commands of pipelines: each is a call to a service. They exit with 0 if there is nothing to do, with 2 if changes are
 * pending or environments differ, and with 1 after an error.
 */
public final class ProvisioningCommands {

    /** The commands by their names. */
    public static final List<String> NAMES = List.of("plan", "apply", "export", "fingerprint", "compare", "report");

    static final int DONE = 0;
    private static final int FAILED = 1;
    static final int PENDING = 2;
    private static final int CONFLICT = 409;
    private static final int OK = 200;
    static final String JSON = "application/json";

    private ProvisioningCommands() {}

    /** Runs one of the commands and returns its exit code. */
    public static int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    /** All of them. */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Asyncjobs());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            command.getErr().println("asyncjobs: " + e.getMessage());
            return FAILED;
        });
        line.setParameterExceptionHandler((e, arguments) -> {
            e.getCommandLine().getErr().println("asyncjobs: " + e.getMessage());
            e.getCommandLine()
                    .getErr()
                    .println("Try 'asyncjobs " + e.getCommandLine().getCommandName() + " --help'.");
            return FAILED;
        });
        return line;
    }

    /** How an answer is written. */
    enum Output {
        TEXT("text/plain"),
        JSON(ProvisioningCommands.JSON),
        MARKDOWN("text/markdown");

        private final String mediaType;

        Output(String mediaType) {
            this.mediaType = mediaType;
        }
    }

    /** How a manifest is written. */
    enum Format {
        YAML,
        JSON,
        ZIP
    }

    @Command(
            name = "asyncjobs",
            subcommands = {
                Plan.class,
                Apply.class,
                Export.class,
                Fingerprint.class,
                CompareCommand.class,
                ReportCommand.class
            })
    private static final class Asyncjobs {}

    /** A command about a manifest. */
    private abstract static class ManifestCommand extends ServiceCommand {

        @Parameters(
                paramLabel = "MANIFEST",
                description = "A file (YAML, JSON or zip), or a folder with jobs.yaml and its scripts.")
        private Path manifest = Path.of("");

        @Option(names = "--output", defaultValue = "text", description = "text, json or markdown; text unless given.")
        private Output output = Output.TEXT;

        final Path file() {
            return manifest;
        }

        final Output output() {
            return output;
        }

        final HttpResponse<byte[]> post(ServiceClient client, String path, Output as, byte[] body) throws IOException {
            return client.post(path, ManifestFiles.mediaType(manifest), as.mediaType, body);
        }
    }

    @Command(name = "plan", description = "Says what an apply of the manifest would change. Exits with 2 if it would.")
    private static final class Plan extends ManifestCommand {

        @Override
        public Integer call() throws IOException {
            ServiceClient client = client();
            byte[] body = ManifestFiles.content(file());
            HttpResponse<byte[]> plan = post(client, "plan", output(), body);
            print(body(plan, file().toString()));
            return plan.headers().firstValueAsLong(ProvisioningResource.PENDING).orElseThrow() > 0 ? PENDING : DONE;
        }
    }

    @Command(
            name = "apply",
            description =
                    "Carries out a plan: all of it or nothing. Exits with 2, and shows the new plan, if the state or"
                            + " the manifest is not the one that was planned.")
    private static final class Apply extends ManifestCommand {

        @Option(names = "--plan", paramLabel = "HASH", description = "The plan's hash; a new plan's unless given.")
        private @Nullable String hash;

        @Override
        public Integer call() throws IOException {
            ServiceClient client = client();
            byte[] body = ManifestFiles.content(file());
            String planned = hash;
            if (planned == null) {
                planned = tree(body(post(client, "plan", Output.JSON, body), file().toString()))
                        .path("hash")
                        .asText();
            }
            HttpResponse<byte[]> applied = post(client, "apply?plan=" + encoded(planned), output(), body);
            if (applied.statusCode() == CONFLICT) {
                err().println(FailedCallException.of(applied, file().toString()).getMessage());
                print(body(post(client, "plan", output(), body), file().toString()));
                return PENDING;
            }
            print(body(applied, file().toString()));
            return DONE;
        }
    }

    @Command(name = "export", description = "Writes this environment as a manifest.")
    private static final class Export extends ServiceCommand {

        @Option(names = "--format", defaultValue = "yaml", description = "yaml, json or zip; yaml unless given.")
        private Format format = Format.YAML;

        @Option(names = "--to", paramLabel = "FILE", description = "The file to write; standard output unless given.")
        private @Nullable Path to;

        @Option(names = "--name", description = "Only jobs with this part in their names.")
        private @Nullable String name;

        @Option(names = "--user", description = "Only jobs of this associated user.")
        private @Nullable String user;

        @Override
        public Integer call() throws IOException {
            StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
            if (name != null) {
                query.add("name=" + encoded(name));
            }
            if (user != null) {
                query.add("user=" + encoded(user));
            }
            byte[] export = body(
                    client().get(
                                    "export" + query,
                                    "application/" + format.name().toLowerCase(Locale.ROOT)),
                    "");
            write(export, to);
            return DONE;
        }
    }

    @Command(name = "fingerprint", description = "Prints the digest over all active jobs.")
    private static final class Fingerprint extends ServiceCommand {

        @Option(
                names = "--output",
                defaultValue = "text",
                description = "text (the digest alone) or json (with those of all jobs and fields); text unless given.")
        private Output output = Output.TEXT;

        @Override
        public Integer call() throws IOException {
            byte[] fingerprint = body(client().get("fingerprint", JSON), "");
            if (output == Output.JSON) {
                print(fingerprint);
            } else {
                out().println(tree(fingerprint).path("fingerprint").asText());
            }
            return DONE;
        }
    }

    static JsonNode tree(byte[] json) throws IOException {
        return new ObjectMapper().readTree(json);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
