package io.asyncjobs.schedule;

import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/** Logs each step of each run at level DEBUG. */
@Singleton
class RunEventLog implements RunListener {

    private static final Logger LOG = Logger.getLogger(RunEventLog.class);

    @Override
    public void on(List<? extends RunEvent> events) {
        if (LOG.isDebugEnabled()) {
            events.forEach(event -> LOG.debug(line(event)));
        }
    }

    private static String line(RunEvent event) {
        return switch (event) {
            case RunEvent.Claimed(Claim claim) -> of(claim, "claimed for " + claim.scheduledFor());
            case RunEvent.GivenBack(Claim claim) -> of(claim, "given back");
            case RunEvent.Started(Claim claim) -> of(claim, "started");
            case RunEvent.SlotFreed(Claim claim) -> of(claim, "has left its slot");
            case RunEvent.LeaseGone(Claim claim, Instant at) ->
                of(claim, "was over at " + at + ", and holds its lease no more");
            case RunEvent.Ended ended ->
                "Run %s of job %s ended at %s: %s"
                        .formatted(
                                ended.runId(),
                                ended.jobId(),
                                ended.at(),
                                ended.outcome().wireName());
            case RunEvent.Gap gap ->
                "Job %s: %d ticks from %s on, every %d s, did not run: %s"
                        .formatted(gap.jobId(), gap.ticks(), gap.firstTick(), gap.intervalSeconds(), gap.reason());
        };
    }

    private static String of(Claim claim, String what) {
        return "Run %s of job %s, epoch %d: %s".formatted(claim.runId(), claim.jobId(), claim.epoch(), what);
    }
}
