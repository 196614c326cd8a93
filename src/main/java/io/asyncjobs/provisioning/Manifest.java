package io.asyncjobs.provisioning;

import io.asyncjobs.account.AccountDraft;
import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.platform.problem.Violation;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What an environment is to hold.
 *
 * @param digest over what was sent, as lower-case hex of SHA-256
 * @param places where its fields stand
 * @param faults what is wrong with it by itself; entries with faults are missing in the lists
 */
record Manifest(
        Head head,
        List<Entry<AccountDraft>> accounts,
        List<Entry<WantedConnection>> connections,
        List<Entry<JobConfigurations.Wanted>> jobs,
        String digest,
        Places places,
        List<Violation> faults) {

    Manifest {
        accounts = List.copyOf(accounts);
        connections = List.copyOf(connections);
        jobs = List.copyOf(jobs);
        faults = List.copyOf(faults);
    }

    /** What happens to jobs that the manifest does not hold. */
    enum Prune {
        NONE,
        ARCHIVE
    }

    /** What concerns the manifest as a whole. */
    record Head(
            @Schema(description = "The environment that it is for; it is refused in any other")
            @Size(max = 200)
            @Nullable
            String environment,

            @Schema(description = "What happens to jobs that it does not hold", defaultValue = "none")
            Prune prune,

            @Schema(description = "Why; kept with each change") @Size(max = MAX_REASON) @Nullable
            String reason,

            @Schema(description = "A ticket or a commit; kept with each change") @Size(max = MAX_REFERENCE) @Nullable
            String reference) {

        private static final int MAX_REFERENCE = 200;

        /** Together with a reference it is a reason of any other change. */
        private static final int MAX_REASON = ReasonParameter.MAX_LENGTH - MAX_REFERENCE - 3;

        /** What is kept with each change; null for nothing. */
        @Nullable
        String why() {
            if (reference == null) {
                return reason;
            }
            return reason == null ? reference : reason + " (" + reference + ")";
        }
    }

    /**
     * One of its entries.
     *
     * @param path in the manifest
     */
    record Entry<T>(String path, T wanted) {}

    /** A connection without its secrets. */
    record WantedConnection(String name, ConnectionDraft draft, SecretRefs refs) {}
}
