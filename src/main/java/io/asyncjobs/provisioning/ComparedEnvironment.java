package io.asyncjobs.provisioning;

import io.asyncjobs.job.ConfiguredJob;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One side of a comparison.
 *
 * @param jobs by the keys of their names; none where only the digests are known
 * @param script the script of a job by its name; empty where it is not known
 */
record ComparedEnvironment(
        FingerprintView fingerprint, Map<String, ConfiguredJob> jobs, Function<String, Optional<String>> script) {

    ComparedEnvironment {
        jobs = Map.copyOf(jobs);
    }

    /** Of which nothing but the digests is known. */
    static ComparedEnvironment of(FingerprintView fingerprint) {
        return new ComparedEnvironment(fingerprint, Map.of(), name -> Optional.empty());
    }
}
