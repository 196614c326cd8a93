package io.asyncjobs.schedule;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Carries out claimed runs; the port by which timers reach what lies above them. */
public interface RunLauncher {

    /** How many more runs could start now. */
    int freeSlots();

    /** Fetches what these runs will need, before their ticks; may take its time, and failing costs nothing but time. */
    void prepare(List<Claim> won);

    /**
     * Starts the run and returns at once. Never throws: whatever goes wrong becomes the run's recorded outcome. Of each
     * launched run it tells {@link RunEvent.SlotFreed} once.
     */
    default void launch(Claim claim) {
        launch(claim, null);
    }

    /**
     * As {@link #launch(Claim)}.
     *
     * @param parameters of this run alone, as JSON; null for those of its revision
     */
    void launch(Claim claim, @Nullable String parameters);

    /** Ends all runs as lost, since this node may no longer hold their leases; returns at once. */
    void loseAll(String reason);

    /** Lets runs in flight end within {@code grace}, cancels the others, and returns when all are on record or hopeless. */
    void drain(Duration grace);
}
