package io.asyncjobs.dashboard.runs;

import io.asyncjobs.dashboard.shell.Formats;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.run.history.RunView;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A run in a list.
 *
 * @param message why it did not succeed; empty where it did
 */
public record RunRow(RunView run, String message) {

    private static final int MAX_MESSAGE = 160;

    static RunRow of(RunView run, PrettyJson json) {
        String message = run.error() == null
                ? ""
                : json.read(run.error()).path("message").asText();
        int end = message.offsetByCodePoints(0, Math.min(MAX_MESSAGE, message.codePointCount(0, message.length())));
        return new RunRow(run, end < message.length() ? message.substring(0, end) + "…" : message);
    }

    /** How long after its tick it started; null where it did not. */
    public @Nullable Long latenessMillis() {
        return run.startedAt() == null
                ? null
                : Math.max(
                        0, Duration.between(run.scheduledFor(), run.startedAt()).toMillis());
    }

    /** The outcome in words. */
    public String outcome() {
        return Formats.outcomeWords(run.outcome());
    }

    /** The job's name at that time, or what stands for it once that is gone. */
    public String jobName() {
        String name = run.jobName();
        return name == null ? "deleted job " + run.jobId() : name;
    }

    /** The path of the run's page. */
    public String path() {
        return Shell.Section.JOBS.path() + "/" + run.jobId() + "/runs/" + run.id();
    }
}
