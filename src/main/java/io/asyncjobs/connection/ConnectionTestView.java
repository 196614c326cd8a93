package io.asyncjobs.connection;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a test of a connection came to. */
@Schema(description = "What a test of a connection came to, step by step")
public record ConnectionTestView(
        @Schema(description = "Whether no step failed", examples = "true", required = true)
        boolean ok,

        @Schema(
                description = "The steps in their order: resolve, connect, tls, authenticate",
                required = true,
                maxItems = 10)
        List<StepView> steps) {

    public ConnectionTestView {
        steps = List.copyOf(steps);
    }

    /** One step. */
    @Schema(name = "ConnectionTestStep", description = "A step of a test")
    public record StepView(
            @Schema(
                    description = "resolve (the host name), connect, tls or authenticate",
                    examples = "connect",
                    required = true,
                    maxLength = 20)
            String name,

            @Schema(description = "ok, failed or skipped", examples = "ok", required = true)
            Outcome outcome,

            @Schema(description = "How long it took", examples = "12", required = true)
            long millis,

            @Schema(
                    description = "What was found, or what failed and what to do",
                    examples = "127.0.0.1",
                    required = true,
                    maxLength = 2000)
            String message) {}

    /** What became of a step. */
    @Schema(name = "ConnectionTestOutcome")
    public enum Outcome {
        @JsonProperty("ok")
        OK,
        @JsonProperty("failed")
        FAILED,
        @JsonProperty("skipped")
        SKIPPED;

        /** As a page shows it. */
        public String shown() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
