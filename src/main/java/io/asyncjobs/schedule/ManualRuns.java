package io.asyncjobs.schedule;

import io.asyncjobs.platform.problem.UnavailableException;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.UUID;

/** Runs asked for by hand; they pass the same gate as ticks, so a job never runs twice at once. */
@Singleton
public class ManualRuns {

    private final Leases leases;
    private final Nodes nodes;
    private final Reconciler reconciler;
    private final Instance<RunLauncher> launcher;

    public ManualRuns(Leases leases, Nodes nodes, Reconciler reconciler, Instance<RunLauncher> launcher) {
        this.leases = leases;
        this.nodes = nodes;
        this.reconciler = reconciler;
        this.launcher = launcher;
    }

    /**
     * Starts a run now; empty while the job is running, and for a job that is archived or unknown.
     *
     * @throws UnavailableException when every place for runs on this node is taken
     */
    public Optional<Claim> start(UUID job) {
        if (launcher.get().freeSlots() <= 0) {
            throw new UnavailableException("Every place for runs is taken; try again in a moment.");
        }
        Optional<Claim> claim = leases.claimNow(nodes.id(), job);
        if (claim.isEmpty()) {
            // A job of a moment ago may have no timer yet
            reconciler.reconcile();
            claim = leases.claimNow(nodes.id(), job);
        }
        claim.ifPresent(won -> launcher.get().launch(won));
        return claim;
    }
}
