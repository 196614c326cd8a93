package io.asyncjobs.schedule;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.audit.Changes;
import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.platform.problem.UnavailableException;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Runs asked for by hand; they pass the same gate as ticks, so a job never runs twice at once. */
@Singleton
public class ManualRuns {

    private final Claims claims;
    private final Nodes nodes;
    private final Reconciler reconciler;
    private final Dispatcher dispatcher;
    private final RunLauncher launcher;
    private final AuditTrail audit;

    public ManualRuns(
            Claims claims,
            Nodes nodes,
            Reconciler reconciler,
            Dispatcher dispatcher,
            RunLauncher launcher,
            AuditTrail audit) {
        this.claims = claims;
        this.nodes = nodes;
        this.reconciler = reconciler;
        this.dispatcher = dispatcher;
        this.launcher = launcher;
        this.audit = audit;
    }

    /**
     * Starts a run now; empty while the job is running, and for a job that is archived or unknown.
     *
     * @param by who asks
     * @param together what else is done in the transaction in which the run is claimed
     * @throws UnavailableException when all run slots of this node are in use
     */
    public Optional<Claim> start(
            ManualRun asked, String by, @Nullable String reason, BiConsumer<Handle, Claim> together) {
        if (launcher.freeSlots() <= 0) {
            throw new UnavailableException("All run slots are in use. Try again in a moment.");
        }
        if (nodes.isFenced()) {
            throw new UnavailableException("This node has lost contact with the database; try again in some seconds.");
        }
        BiConsumer<Handle, Claim> telling = (handle, claim) -> {
            tell(handle, asked, claim, by, reason);
            together.accept(handle, claim);
        };
        Optional<Claim> claim;
        try {
            claim = claims.claimNow(nodes.id(), asked, telling);
            if (claim.isEmpty()) {
                // The run may be one that only waits for its tick; and a job of a moment ago may have no timer yet
                dispatcher.withdrawNow(asked.job());
                reconciler.reconcile();
                claim = claims.claimNow(nodes.id(), asked, telling);
            }
        } catch (RuntimeException e) {
            if (DatabaseFaults.isOfWaiting(e)) {
                throw new UnavailableException("Another transaction holds the job's timer; try again in a moment.");
            }
            throw e;
        }
        claim.ifPresent(won -> launcher.launch(won, asked.parameters()));
        return claim;
    }

    private void tell(Handle handle, ManualRun asked, Claim claim, String by, @Nullable String reason) {
        String name = handle.createQuery("select name from job where id = :job")
                .bind("job", claim.jobId())
                .mapTo(String.class)
                .one();
        audit.record(
                handle,
                List.of(AuditEntry.of(by, "run", "job", claim.jobId().toString())
                        .named(name)
                        .with(changes(asked, claim))
                        .because(reason)
                        .ofRun(claim.jobId(), claim.runId())));
    }

    /** What is not as at a tick; nothing of a run of the latest revision with its parameters. */
    private static Changes changes(ManualRun asked, Claim claim) {
        if (asked.revision() == null && asked.parameters() == null) {
            return Changes.NONE;
        }
        ObjectNode run = JsonNodeFactory.instance.objectNode().put("revision", claim.revision());
        if (asked.parameters() != null) {
            run.set("parameters", StoredJson.asStored(asked.parameters()));
        }
        return Changes.between(null, run);
    }
}
