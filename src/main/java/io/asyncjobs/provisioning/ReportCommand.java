package io.asyncjobs.provisioning;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that fetches the configuration report. */
@Command(
        name = "report",
        description = "Writes how this environment is configured, as a document to print or as a table.")
final class ReportCommand extends ServiceCommand {

    /** How the report is written. */
    enum Format {
        HTML,
        CSV
    }

    @Option(names = "--format", defaultValue = "html", description = "html or csv; html unless given.")
    private Format format = Format.HTML;

    @Option(names = "--to", paramLabel = "FILE", description = "The file to write; standard output unless given.")
    private @Nullable Path to;

    @Override
    public Integer call() throws IOException {
        write(body(client().get("report", "text/" + format.name().toLowerCase(Locale.ROOT)), ""), to);
        return 0;
    }
}
