package io.asyncjobs.search;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What a search found. */
@Schema(name = "SearchResult", description = "What a search found, by kind; each list has at most 50 items")
public record SearchView(
        @Schema(description = "What was searched for", examples = "clinical-api", maxLength = Search.LONGEST)
        String query,

        @Schema(description = "Whether scripts of earlier revisions were searched, too")
        boolean revisions,

        @Schema(
                description =
                        "Whether all jobs and scripts were looked at, and all that was found is here. False where more was"
                                + " found than is listed, or the time of a search was over before")
        boolean complete,

        @Schema(description = "The logs of runs since then were searched; null where there are none") @Nullable
        Instant logsSince,

        @Schema(maxItems = Search.MOST) List<FoundJob> jobs,
        @Schema(maxItems = Search.MOST) List<FoundItem> connections,
        @Schema(maxItems = Search.MOST) List<FoundItem> accounts,
        @Schema(maxItems = Search.MOST) List<FoundRun> runs) {

    public SearchView {
        jobs = List.copyOf(jobs);
        connections = List.copyOf(connections);
        accounts = List.copyOf(accounts);
        runs = List.copyOf(runs);
    }

    /** A job with the text. */
    @Schema(description = "A job with the text in it")
    public record FoundJob(
            UUID id,
            String name,
            boolean archived,

            @Schema(maxItems = 20) List<FoundPlace> matches) {

        public FoundJob {
            matches = List.copyOf(matches);
        }
    }

    /** A place in a job. */
    @Schema(description = "A place of a job where the text stands")
    public record FoundPlace(
            @Schema(
                    description = "The field of the job",
                    enumeration = {"name", "description", "parameters", "script"},
                    examples = "script")
            String field,

            @Schema(description = "The latest revision with that script; null for the job as it is now") @Nullable
            Integer revision,

            @Schema(description = "The line of the script, from 1; null in other fields", minimum = "1") @Nullable
            Integer line,

            @Schema(description = "The line, or the part of it around the text")
            String text) {}

    /** A connection or an account with the text. */
    @Schema(description = "A connection or an account with the text in it")
    public record FoundItem(
            String name, @Schema(maxItems = 20) List<FoundField> matches) {

        public FoundItem {
            matches = List.copyOf(matches);
        }
    }

    /** A field of a connection or an account. */
    @Schema(description = "A field with the text in it")
    public record FoundField(
            @Schema(examples = "http.baseUrl", maxLength = 1000)
            String field,

            String text) {}

    /** A run with the text in its log. */
    @Schema(description = "A run with the text in its log")
    public record FoundRun(
            UUID id,
            UUID jobId,
            @Nullable String jobName,
            Instant scheduledFor,

            @Schema(ref = "#/components/schemas/RunOutcome") @Nullable
            String outcome,

            @Schema(maxItems = 3) List<FoundEntry> matches) {

        public FoundRun {
            matches = List.copyOf(matches);
        }
    }

    /** An entry of a log. */
    @Schema(description = "An entry of a log with the text in it")
    public record FoundEntry(
            Instant at,
            @Schema(examples = "warn", maxLength = 10) String level,
            String text) {}
}
