package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.Formats;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Wording;
import io.asyncjobs.job.JobLimits;
import io.asyncjobs.job.JobView;
import io.asyncjobs.job.RevisionView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a job was configured to be, as text.
 *
 * @param lines of the script, the first ones of a very long one
 * @param cut whether there are more
 * @param schema empty where there is none
 * @param file what the script is called when it is saved
 * @param address where the script is byte for byte; empty for that of a revision
 * @param ofRevision the query that names the revision; empty for the job as it is
 */
public record JobText(
        List<String> lines,
        boolean cut,
        int bytes,
        String parameters,
        String schema,
        List<Limit> limits,
        String file,
        String address,
        String ofRevision) {

    private static final int MOST_LINES = 5_000;

    /** A limit that the job has of its own. */
    public record Limit(String name, String value) {}

    public JobText {
        lines = List.copyOf(lines);
        limits = List.copyOf(limits);
    }

    static JobText of(JobView job, PrettyJson json) {
        return of(
                job.script(),
                json.of(job.parameters()),
                json.of(job.parametersSchema()),
                job.limits(),
                job.name(),
                "/api/v1/jobs/" + job.id() + "/script",
                "");
    }

    static JobText of(RevisionView saved, PrettyJson json) {
        return of(
                saved.script(),
                json.of(saved.parameters()),
                json.of(saved.parametersSchema()),
                saved.limits(),
                saved.name(),
                "",
                "?revision=" + saved.revision());
    }

    private static JobText of(
            @Nullable String stored,
            String parameters,
            String schema,
            JobLimits limits,
            String name,
            String address,
            String ofRevision) {
        String script = stored == null ? "" : stored;
        // With line feeds, so that copying them gives the text again
        List<String> lines =
                script.lines().map(line -> Wording.visible(line) + "\n").toList();
        boolean cut = lines.size() > MOST_LINES;
        return new JobText(
                cut ? lines.subList(0, MOST_LINES) : lines,
                cut,
                script.getBytes(StandardCharsets.UTF_8).length,
                parameters,
                schema,
                List.of(
                        limit("Log", limits.logBytes(), "bytes"),
                        limit("Result", limits.resultBytes(), "bytes"),
                        limit("State", limits.stateChars(), "characters"),
                        limit("Host calls", limits.hostCalls(), "calls")),
                Formats.fileName(name) + ".js",
                address,
                ofRevision);
    }

    private static Limit limit(String name, @Nullable Integer value, String unit) {
        return new Limit(name, value == null ? "" : Formats.count(value.longValue()) + " " + unit);
    }
}
