package io.asyncjobs.job;

import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The jobs whose scripts name a connection. */
@Schema(description = "The jobs whose current scripts name a connection literally")
public record ConnectionJobsView(
        @Schema(
                description = "The jobs by name, archived ones included",
                required = true,
                maxItems = ConnectionUses.MOST)
        List<UsingJobView> items,

        @Schema(
                description = "How many scripts could not be read, and so not be searched",
                examples = "0",
                required = true)
        int unreadable) {

    public ConnectionJobsView {
        items = List.copyOf(items);
    }

    /** One of them. */
    @Schema(name = "UsingJobView", description = "A job whose script names a connection")
    public record UsingJobView(
            @Schema(
                    description = "The job",
                    examples = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f",
                    required = true,
                    maxLength = 36)
            UUID id,

            @Schema(description = "Its name", examples = "close-stale-queries", required = true, maxLength = 200)
            String name,

            @Schema(description = "Whether it is archived", examples = "false", required = true)
            boolean archived,

            @Schema(
                    description = "The lines of its script that name the connection",
                    required = true,
                    maxItems = ConnectionUses.MOST_LINES)
            List<Integer> lines) {

        public UsingJobView {
            lines = List.copyOf(lines);
        }
    }
}
