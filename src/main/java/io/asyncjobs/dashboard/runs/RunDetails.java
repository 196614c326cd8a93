package io.asyncjobs.dashboard.runs;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.run.history.RunOperations;
import io.asyncjobs.run.history.RunView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run with everything it left behind.
 *
 * @param result as indented JSON; empty without one
 * @param log the beginning of it, or all
 * @param logGoesOn whether there is more of the log
 */
public record RunDetails(
        RunRow row,
        @Nullable Failure failure,
        String result,
        List<Effect> effects,
        List<RunOperations.LogEntry> log,
        boolean logGoesOn) {

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
        log = List.copyOf(log);
    }

    static RunDetails of(RunView run, RunOperations.LogBeginning log, PrettyJson json) {
        return new RunDetails(
                RunRow.of(run, json),
                run.error() == null ? null : failure(json.read(run.error())),
                run.result() == null ? "" : json.of(json.read(run.result())),
                run.effects() == null ? List.of() : effects(json.read(run.effects())),
                log.entries(),
                log.goesOn());
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

    /** The job's name at that time, or what stands for it once that is gone. */
    public String jobName() {
        String name = row.run().jobName();
        return name == null ? "deleted job " + row.run().jobId() : name;
    }
}
