package io.asyncjobs.provisioning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What an apply would do. */
@Schema(name = "Plan", description = "What an apply of the manifest would do")
public record PlanView(
        @Schema(
                description = "Over the manifest and over the state of all that it touches; apply takes it",
                examples = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
                maxLength = 64)
        String hash,

        @Schema(description = "The environment", examples = "uat", maxLength = 200)
        String environment,

        @Schema(
                description = "How many of the changes are something to do",
                examples = "3",
                minimum = "0",
                maximum = "2147483647",
                format = "int32")
        int pending,

        @Schema(
                description = "One for each entry, in the manifest's order; then the jobs to be archived",
                maxItems = 100_000)
        List<ChangeView> changes) {

    public PlanView {
        changes = List.copyOf(changes);
    }

    /** What is to be done. */
    @Schema(name = "PlannedAction")
    public enum Action {
        @JsonProperty("create")
        CREATE,
        @JsonProperty("update")
        UPDATE,
        @JsonProperty("archive")
        ARCHIVE,
        @JsonProperty("unarchive")
        UNARCHIVE,
        @JsonProperty("none")
        NONE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What kind of thing is changed. */
    @Schema(name = "PlannedKind")
    public enum Kind {
        @JsonProperty("account")
        ACCOUNT,
        @JsonProperty("connection")
        CONNECTION,
        @JsonProperty("job")
        JOB;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One entry. */
    @Schema(name = "PlannedChange", description = "One entry of the manifest, and what becomes of it")
    public record ChangeView(
            Kind kind,

            @Schema(description = "Its name", examples = "close-stale-queries", maxLength = 200)
            String name,

            Action action,

            @Schema(description = "The fields that change", maxItems = 100)
            List<FieldView> fields) {

        public ChangeView {
            fields = List.copyOf(fields);
        }
    }

    /** One field. */
    @Schema(name = "PlannedField", description = "A field that changes. A script stands here by its MD5")
    public record FieldView(
            @Schema(description = "Its path", examples = "pollIntervalSeconds", maxLength = 200)
            String path,

            @Schema(description = "Its value now; null where there is none", implementation = Object.class) @Nullable
            JsonNode from,

            @Schema(description = "Its value after an apply; null where there is none", implementation = Object.class)
            @Nullable
            JsonNode to,

            @Schema(
                    description = "Of a script that changes, the difference in the unified format",
                    maxLength = 10_000_000)
            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Nullable
            String diff) {}
}
