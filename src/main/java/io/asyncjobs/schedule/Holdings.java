package io.asyncjobs.schedule;

import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The runs whose leases this node holds or is about to win: what it runs, queues or gives back.
 *
 * <p>A run is entered before the database is asked for its lease, and leaves when its end or return is on record. So a lease
 * that the database says is this node's and that is not here belongs to nobody: its claim was answered after somebody had
 * stopped waiting, or its run was dropped. {@link LostLeases} ends those. Thread-safe.
 */
@Singleton
public class Holdings {

    private final Fence fence;

    /** With the term of the fence in which each was asked for. */
    private final Map<UUID, Integer> runs = new ConcurrentHashMap<>();

    /** Dropped although they may have started; until their leases are ended. */
    private final Set<UUID> dropped = ConcurrentHashMap.newKeySet();

    private volatile boolean doubt = true;

    Holdings(Fence fence) {
        this.fence = fence;
    }

    /** The leases of these runs are asked for now. */
    void asking(List<UUID> asked) {
        Integer term = fence.term();
        asked.forEach(run -> runs.put(run, term));
    }

    /** The database's answer was lost: it may have given these leases all the same, now or later. */
    void loseTrack(Collection<UUID> asked) {
        forget(asked);
        doubt = true;
    }

    /** Whether track of a lease was lost since the last call. */
    boolean takeDoubt() {
        boolean was = doubt;
        doubt = false;
        return was;
    }

    /** There may be leases to be ended: the next heartbeat looks. */
    void lookForLost() {
        doubt = true;
    }

    boolean isInDoubt() {
        return doubt;
    }

    /** These runs are not this node's any more: ended on record, given back, or never won. */
    void forget(Collection<UUID> gone) {
        gone.forEach(run -> {
            runs.remove(run);
            dropped.remove(run);
        });
    }

    /** This node can do nothing more for that run, which may have started. */
    public void drop(UUID run) {
        dropped.add(run);
        runs.remove(run);
        doubt = true;
    }

    boolean holds(UUID run) {
        return runs.containsKey(run);
    }

    /** Whether that run may have started before it was dropped. */
    boolean mayHaveStarted(UUID run) {
        return dropped.contains(run);
    }

    /**
     * Whether that run may change anything now: its node is not fenced, and was not since the claim. To be asked directly
     * before each effect.
     */
    public boolean mayAct(UUID run) {
        Integer term = runs.get(run);
        return term != null && fence.allows(term);
    }
}
