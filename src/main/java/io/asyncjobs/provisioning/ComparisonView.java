package io.asyncjobs.provisioning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** This environment beside another one. */
@Schema(name = "Comparison", description = "The active jobs of this environment beside those of another one")
public record ComparisonView(
        @Schema(description = "Whether both fingerprints are the same", required = true)
        boolean equal,

        @Schema(description = "This environment's fingerprint", required = true, maxLength = 64)
        String here,

        @Schema(description = "The other one's fingerprint", required = true, maxLength = 64)
        String there,

        @Schema(
                description = "The jobs that are not the same, in the order of their names",
                required = true,
                maxItems = 100_000)
        List<JobComparisonView> jobs) {

    public ComparisonView {
        jobs = List.copyOf(jobs);
    }

    /** How a job is not the same. */
    @Schema(name = "ComparedStatus")
    public enum Status {
        /** It is in both, and not the same. */
        @JsonProperty("differs")
        DIFFERS,
        /** It is only there. */
        @JsonProperty("missing")
        MISSING,
        /** It is only here. */
        @JsonProperty("extra")
        EXTRA
    }

    /** A job that is not the same. */
    @Schema(name = "JobComparison", description = "A job that differs, is missing here, or is only here")
    public record JobComparisonView(
            @Schema(description = "Its name", required = true, maxLength = 200)
            String name,

            Status status,

            @Schema(description = "The fields that differ", required = true, maxItems = 100)
            List<String> fields,

            @Schema(description = "Of scripts that differ only in what cannot be seen; told where an export was sent")
            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Nullable
            InvisibleView invisible) {

        public JobComparisonView {
            fields = List.copyOf(fields);
        }
    }

    /** A difference that cannot be seen. */
    @Schema(name = "InvisibleDifference", description = "In what two scripts that look alike differ, and where")
    public record InvisibleView(
            @Schema(
                    description = "All kinds: line_ends, trailing_blanks, byte_order_mark, final_newline,"
                            + " unicode_normalisation, invisible_characters",
                    required = true,
                    maxItems = 6)
            List<String> kinds,

            @Schema(description = "The first lines that differ", required = true, maxItems = 20)
            List<PlaceView> places) {

        public InvisibleView {
            kinds = List.copyOf(kinds);
            places = List.copyOf(places);
        }
    }

    /** One line. */
    @Schema(name = "InvisiblePlace", description = "A line that differs, with names for what cannot be seen")
    public record PlaceView(
            @Schema(description = "From 1", required = true, minimum = "1", maximum = "2147483647", format = "int32")
            int line,

            @Schema(required = true, maxLength = 4_000_000) String here,
            @Schema(required = true, maxLength = 4_000_000) String there) {}
}
