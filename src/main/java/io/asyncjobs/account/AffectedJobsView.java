package io.asyncjobs.account;

import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Jobs that a change of their account concerns. */
@Schema(description = "The jobs in use whose runs fail while the account is inactive: the first by name")
public record AffectedJobsView(
        @Schema(description = "The jobs", maxItems = AffectedJobsView.MOST)
        List<AffectedJobView> items,

        @Schema(description = "How many there are, those that are not listed too", examples = "1")
        long total) {

    /** How many are listed. */
    public static final int MOST = 100;

    public AffectedJobsView {
        items = List.copyOf(items);
    }

    /** One of them. */
    @Schema(name = "AffectedJobView", description = "A job that a change of its account concerns")
    public record AffectedJobView(UUID id, String name) {}
}
