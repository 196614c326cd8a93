package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that compares environments: a service with another one, or two of which files are known. */
@Command(
        name = "compare",
        description =
                "Compares the service with a fingerprint or an export of another environment. With two files, compares"
                        + " these without a service. Exits with 2 if they differ.")
final class CompareCommand extends ServiceCommand {

    @Parameters(
            index = "0",
            paramLabel = "OTHER",
            description = "The other environment's fingerprint (JSON) or export (YAML, JSON, zip or folder).")
    private Path other = Path.of("");

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "THIS",
            description = "A fingerprint or an export of this environment, to compare with instead of the service.")
    private @Nullable Path own;

    @Option(names = "--output", defaultValue = "text", description = "text, json or markdown; text unless given.")
    private ProvisioningCommands.Output output = ProvisioningCommands.Output.TEXT;

    @Override
    public Integer call() throws IOException {
        JsonNode comparison = own == null ? withService() : withFile(own);
        out().println(
                        switch (output) {
                            case JSON -> comparison.toString();
                            case MARKDOWN -> ComparisonTexts.markdown(comparison);
                            case TEXT -> ComparisonTexts.text(comparison);
                        });
        return comparison.path("equal").asBoolean() ? ProvisioningCommands.DONE : ProvisioningCommands.PENDING;
    }

    private JsonNode withService() throws IOException {
        return ProvisioningCommands.tree(body(
                client().post(
                                "compare",
                                ManifestFiles.mediaType(other),
                                ProvisioningCommands.JSON,
                                ManifestFiles.content(other)),
                other.toString()));
    }

    private JsonNode withFile(Path file) throws IOException {
        EnvironmentReader reader = EnvironmentReader.withoutService();
        return new ObjectMapper()
                .valueToTree(Comparisons.of(
                        ManifestFiles.environment(file, reader), ManifestFiles.environment(other, reader)));
    }
}
