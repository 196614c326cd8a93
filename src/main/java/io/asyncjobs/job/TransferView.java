package io.asyncjobs.job;

import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Which jobs went from one account to another. */
@Schema(description = "Which jobs went from one account to another")
public record TransferView(
        @Schema(description = "The username of the account that they acted as", examples = "ben", maxLength = 200)
        String from,

        @Schema(
                description = "The username of the account that they act as now",
                examples = "edc-sync",
                maxLength = 200)
        String to,

        @Schema(description = "All jobs that were moved, by name", maxItems = 1_000_000)
        List<MovedJobView> jobs) {

    public TransferView {
        jobs = List.copyOf(jobs);
    }

    /** A job that was moved. */
    @Schema(description = "A job that was moved, with the revision that this made")
    public record MovedJobView(UUID id, String name, boolean archived, int revision) {

        static MovedJobView of(Job job) {
            return new MovedJobView(job.id, job.name, job.archived, job.revision);
        }
    }
}
