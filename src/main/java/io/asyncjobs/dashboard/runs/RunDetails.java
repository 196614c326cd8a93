package io.asyncjobs.dashboard.runs;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.run.history.RunView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run with everything it left behind.
 *
 * @param result as indented JSON; empty without one
 * @param parameters likewise; empty once they are gone
 */
public record RunDetails(
        RunRow row, @Nullable Failure failure, String result, String parameters, List<Effect> effects) {

    /** Why it did not succeed; {@code where} is the line of the script and the stack. */
    public record Failure(
            String message,
            @Nullable Integer line,
            @Nullable Integer column,
            String where) {}

    /** A host call that changed something. */
    public record Effect(Instant at, String call, String target, String value, String error) {}

    public RunDetails {
        effects = List.copyOf(effects);
    }

    static RunDetails of(RunView run, PrettyJson json) {
        return new RunDetails(
                RunRow.of(run, json),
                run.error() == null ? null : failure(json.read(run.error())),
                run.result() == null ? "" : json.of(json.read(run.result())),
                run.parameters() == null ? "" : json.of(json.read(run.parameters())),
                run.effects() == null ? List.of() : effects(json.read(run.effects())));
    }

    public static List<Effect> effects(JsonNode noted) {
        List<Effect> effects = new ArrayList<>();
        for (JsonNode effect : noted) {
            effects.add(new Effect(
                    Instant.parse(effect.path("at").asText()),
                    effect.path("call").asText(),
                    effect.path("target").asText(),
                    PrettyJson.brief(effect.path("value")),
                    effect.path("error").asText()));
        }
        return effects;
    }

    public static Failure failure(JsonNode error) {
        return new Failure(
                error.path("message").asText(),
                error.hasNonNull("line") ? error.get("line").asInt() : null,
                error.hasNonNull("column") ? error.get("column").asInt() : null,
                error.path("stack").asText(""));
    }

    public RunView run() {
        return row.run();
    }

    /** Whether it goes on. */
    public boolean goesOn() {
        return row.run().outcome() == null;
    }

    public String jobName() {
        return row.jobName();
    }
}
