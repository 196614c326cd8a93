package io.asyncjobs.run;

import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.run.host.RunAudit;
import io.asyncjobs.run.host.RunHost;
import io.asyncjobs.schedule.Claim;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Puts the events of ended runs that left many on the trail a piece at a time, each in a transaction that looks at the run's
 * lease, so that between two pieces the ends of other runs are recorded. The last piece goes with the run's own end. Of a run
 * whose node dies meanwhile some events are on the trail, then: it did what they tell of. For one thread.
 */
final class ManyEvents {

    private static final Logger LOG = Logger.getLogger(ManyEvents.class);

    /** So many are a piece; as many may go with a run's end. */
    private static final int PIECE = 250;

    private static final long PIECE_CHARS = 512 * 1024;

    /** How a piece went. */
    enum Written {
        /** There are more than should go with the run's end. */
        GOES_ON,
        /** The rest goes with the run's end, which also finds whatever keeps a piece from being written. */
        ENOUGH,
        /** The database did not answer, or somebody has locked the row: to be tried again, but not at once. */
        LATER
    }

    private final RunRecords records;
    private final Set<RunInFlight> unsure = new HashSet<>();

    ManyEvents(RunRecords records) {
        this.records = records;
    }

    /** Whether a run left more than should go with its end. */
    static boolean of(RunInFlight run) {
        RunAudit audit = run.host().map(RunHost::audit).orElse(null);
        return audit != null && audit.size() > 1 && (audit.size() > PIECE || chars(audit.entries()) > PIECE_CHARS);
    }

    /** Writes the next piece. */
    Written writePiece(RunInFlight run) {
        RunAudit audit = run.host().orElseThrow().audit();
        Claim claim = run.claim();
        try {
            if (unsure.contains(run)) {
                audit.written(records.writtenAhead(claim));
                unsure.remove(run);
            }
            List<AuditEntry> piece = bounded(audit.first(PIECE));
            // Until the answer is here
            unsure.add(run);
            boolean held = records.writeAhead(claim, piece);
            unsure.remove(run);
            if (!held) {
                return Written.ENOUGH;
            }
            audit.written(audit.written() + piece.size());
            return of(run) ? Written.GOES_ON : Written.ENOUGH;
        } catch (RuntimeException e) {
            if (DatabaseFaults.isOfTheData(e)) {
                unsure.remove(run);
                return Written.ENOUGH;
            }
            LOG.debugf(e, "Whether events of run %s are on the trail is to be looked up", claim.runId());
            return Written.LATER;
        }
    }

    private static List<AuditEntry> bounded(List<AuditEntry> entries) {
        List<AuditEntry> piece = new ArrayList<>();
        long chars = 0;
        for (AuditEntry entry : entries) {
            chars += chars(entry);
            if (chars > PIECE_CHARS && !piece.isEmpty()) {
                break;
            }
            piece.add(entry);
        }
        return piece;
    }

    private static long chars(List<AuditEntry> entries) {
        return entries.stream().mapToLong(ManyEvents::chars).sum();
    }

    private static long chars(AuditEntry entry) {
        String before = entry.changes().before();
        String after = entry.changes().after();
        return (before == null ? 0 : before.length()) + (after == null ? 0 : after.length());
    }
}
