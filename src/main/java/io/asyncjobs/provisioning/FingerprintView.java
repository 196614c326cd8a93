package io.asyncjobs.provisioning;

import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Digests of all active jobs: two environments with the same fingerprint run the same. */
@Schema(
        name = "Fingerprint",
        description = "SHA-256 over all active jobs, over each of them and over each of their fields")
public record FingerprintView(
        @Schema(description = "The environment", examples = "uat", required = true, maxLength = 200)
        String environment,

        @Schema(
                description = "Over the digests of all jobs, in the order of their names",
                examples = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
                required = true,
                maxLength = 64)
        String fingerprint,

        @Schema(description = "The jobs in the order of their names", required = true, maxItems = 100_000)
        List<JobDigestView> jobs) {

    public FingerprintView {
        jobs = List.copyOf(jobs);
    }

    /** One job. */
    @Schema(name = "JobDigest", description = "The digests of one job")
    public record JobDigestView(
            @Schema(description = "Its name", examples = "close-stale-queries", required = true, maxLength = 200)
            String name,

            @Schema(description = "Over the digests of its fields", required = true, maxLength = 64)
            String digest,

            @Schema(description = "The digest of each field; of the script that of its exact bytes", required = true)
            Map<String, String> fields) {}
}
