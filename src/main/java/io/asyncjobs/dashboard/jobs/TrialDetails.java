package io.asyncjobs.dashboard.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.dashboard.runs.RunDetails;
import io.asyncjobs.dashboard.shell.Formats;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.run.history.RunLogs;
import io.asyncjobs.run.trial.TrialView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a trial.
 *
 * @param result as indented JSON; empty without one
 */
public record TrialDetails(
        TrialView trial,
        RunDetails.@Nullable Failure failure,
        String result,
        List<RunDetails.Effect> effects,
        List<RunLogs.LogEntry> log) {

    public TrialDetails {
        effects = List.copyOf(effects);
        log = List.copyOf(log);
    }

    static TrialDetails of(TrialView trial, PrettyJson json) {
        List<RunLogs.LogEntry> log = new ArrayList<>();
        for (JsonNode line : json.read(trial.log())) {
            log.add(new RunLogs.LogEntry(
                    Instant.parse(line.path("at").asText()),
                    line.path("level").asText(),
                    line.path("text").asText(),
                    line.has("data") ? line.get("data").toString() : null));
        }
        return new TrialDetails(
                trial,
                trial.error() == null ? null : RunDetails.failure(json.read(trial.error())),
                trial.result() == null ? "" : json.of(json.read(trial.result())),
                RunDetails.effects(json.read(trial.effects())),
                log);
    }

    /** The outcome in words. */
    public String outcome() {
        return Formats.outcomeWords(trial.outcome());
    }
}
