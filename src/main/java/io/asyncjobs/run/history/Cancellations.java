package io.asyncjobs.run.history;

import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.run.RunRecorder;
import io.asyncjobs.schedule.Beat;
import io.asyncjobs.schedule.HeldLeases;
import io.asyncjobs.schedule.Nodes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Ends runs by hand, on whichever node they go on: at once here, within a second elsewhere.
 *
 * <p>A request stays in the table until its run holds its lease no more, so it reaches a run whose script has not begun
 * yet, and is gone with the last run that needed it.
 */
@Singleton
public class Cancellations {

    private static final Logger LOG = Logger.getLogger(Cancellations.class);

    private record Request(UUID run, UUID job, UUID node, String message) {}

    private final Jdbi jdbi;
    private final Nodes nodes;
    private final RunRecorder recorder;
    private final AuditTrail audit;
    private volatile boolean failing;

    Cancellations(Jdbi jdbi, Nodes nodes, RunRecorder recorder, AuditTrail audit) {
        this.jdbi = jdbi;
        this.nodes = nodes;
        this.recorder = recorder;
        this.audit = audit;
    }

    /** Asks that run to end with the outcome {@code cancelled}; does nothing to one that has ended or was asked before. */
    void request(RunView run, String by, @Nullable String reason) {
        String message = "Cancelled by " + by + (reason == null ? "" : ": " + reason);
        jdbi.useTransaction(handle -> {
            if (note(handle, run, message)) {
                audit.record(
                        handle,
                        List.of(AuditEntry.of(by, "cancel", "run", run.id().toString())
                                .named(run.jobName())
                                .because(reason)
                                .ofRun(run.jobId(), run.id())));
            }
        });
        recorder.inFlight(run.id()).ifPresent(here -> here.cancel(message));
    }

    private static boolean note(Handle handle, RunView run, String message) {
        Optional<UUID> node = HeldLeases.nodeOf(handle, run.jobId(), run.id());
        return node.isPresent()
                && handle.createUpdate("""
                                insert into run_cancellation (run_id, job_id, node_id, message, requested_at)
                                values (:run, :job, :node, :message, clock_timestamp())
                                on conflict (run_id) do nothing
                                """)
                                .bind("run", run.id())
                                .bind("job", run.jobId())
                                .bind("node", node.get())
                                .bind("message", message)
                                .execute()
                        > 0;
    }

    /** With each heartbeat that finds requests. */
    void onBeat(@ObservesAsync Beat beat) {
        if (!beat.cancellations()) {
            return;
        }
        try {
            for (Request request : requests()) {
                recorder.inFlight(request.run()).ifPresent(here -> here.cancel(request.message()));
            }
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                LOG.warnf("Cancellations asked for on other nodes cannot be read: %s", e.getMessage());
                failing = true;
            }
        }
    }

    /** Those of this node; clears all, of other nodes too, whose runs have ended. */
    private List<Request> requests() {
        return jdbi.inTransaction(handle -> {
            List<Request> all = handle.createQuery("select run_id, job_id, node_id, message from run_cancellation")
                    .map((row, context) -> new Request(
                            row.getObject("run_id", UUID.class),
                            row.getObject("job_id", UUID.class),
                            row.getObject("node_id", UUID.class),
                            row.getString("message")))
                    .list();
            Set<UUID> going =
                    HeldLeases.ofJobs(handle, all.stream().map(Request::job).toList());
            List<UUID> over = all.stream()
                    .map(Request::run)
                    .filter(run -> !going.contains(run))
                    .toList();
            if (!over.isEmpty()) {
                handle.createUpdate("delete from run_cancellation where run_id = any(:over)")
                        .bindArray("over", UUID.class, over.toArray())
                        .execute();
            }
            return all.stream()
                    .filter(request -> request.node().equals(nodes.id()))
                    .toList();
        });
    }
}
