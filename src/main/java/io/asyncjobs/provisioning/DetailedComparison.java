package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A comparison with what differs.
 *
 * @param jobs the first of the comparison's jobs
 */
public record DetailedComparison(ComparisonView comparison, List<Job> jobs) {

    static final String SCRIPT = "script";

    public DetailedComparison {
        jobs = List.copyOf(jobs);
    }

    /**
     * A job that is not the same.
     *
     * @param fields that differ, but for the script; none where a fingerprint was compared
     * @param scripts null where the script is the same, not known, or left out
     * @param scriptsLeftOut whether the scripts differ and are too many or too long
     */
    public record Job(
            ComparisonView.JobComparisonView compared,
            List<Field> fields,
            @Nullable Scripts scripts,
            boolean scriptsLeftOut) {

        public Job {
            fields = List.copyOf(fields);
        }
    }

    /** Two scripts that differ. */
    public record Scripts(String here, String there) {}

    /** A field that differs. */
    public record Field(
            String path, @Nullable JsonNode here, @Nullable JsonNode there) {}
}
