package io.asyncjobs.run;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.run.host.LogJson;
import io.asyncjobs.run.host.RunLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Writes log lines of runs that go on, so that a crash leaves them readable. */
final class RunLines {

    private static final Logger LOG = Logger.getLogger(RunLines.class);

    private final RunRecords records;
    private final DatabaseClock clock;

    RunLines(RunRecords records, DatabaseClock clock) {
        this.records = records;
        this.clock = clock;
    }

    /** Where lines cannot be written now, they are with the run's end. */
    void write(Collection<RunInFlight> runs) {
        List<RunInFlight> speaking = new ArrayList<>();
        for (RunInFlight run : runs) {
            if (!run.log().isEmpty()) {
                speaking.add(run);
            }
        }
        if (speaking.isEmpty()) {
            return;
        }
        List<RunRecords.Lines> lines = new ArrayList<>();
        for (RunInFlight run : speaking) {
            RunLog.Chunk pending = run.log().pending();
            lines.add(new RunRecords.Lines(run.claim(), pending, LogJson.of(pending.lines(), clock)));
        }
        Set<UUID> held;
        try {
            held = records.append(lines);
        } catch (RuntimeException e) {
            LOG.debugf(e, "Lines of %d runs wait for the runs' ends", lines.size());
            return;
        }
        for (int i = 0; i < speaking.size(); i++) {
            if (held.contains(speaking.get(i).claim().runId())) {
                speaking.get(i).log().written(lines.get(i).log());
            }
        }
    }
}
