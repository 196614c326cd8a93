package io.asyncjobs.audit;

import io.asyncjobs.audit.AuditFault.Kind;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Follows the chain from its first event and stops at the first fault. Needs the keys, and constant memory. */
final class ChainCheck {

    private final AuditSeals seals;
    private final Iterator<Checkpoint> checkpoints;
    private final @Nullable AuditFault badCheckpoint;
    private @Nullable Checkpoint next;
    private long seq;
    private String hash = AuditSeals.GENESIS;

    /** @param known checkpoints in any order; each must be signed */
    ChainCheck(AuditSeals seals, List<Checkpoint> known) {
        this(seals, KnownCheckpoints.of(known, seals));
    }

    /** @param known to stay open until the end */
    ChainCheck(AuditSeals seals, KnownCheckpoints known) {
        this.seals = seals;
        this.badCheckpoint = known.fault().orElse(null);
        this.checkpoints = known.ascending();
        this.next = checkpoints.hasNext() ? checkpoints.next() : null;
    }

    /** How many events were followed. */
    long count() {
        return seq;
    }

    /** The hash of the last event that was followed. */
    String hash() {
        return hash;
    }

    /** Takes the next event; the fault is the first one, so nothing may follow it. */
    Optional<AuditFault> next(LinkedEvent linked) {
        if (badCheckpoint != null) {
            return Optional.of(badCheckpoint);
        }
        Optional<AuditFault> fault = place(linked).or(() -> itself(linked)).or(() -> link(linked));
        if (fault.isPresent()) {
            return fault;
        }
        seq = linked.seq();
        hash = linked.hash();
        return checkpoint();
    }

    /** After the last event. */
    Optional<AuditFault> end() {
        if (badCheckpoint != null) {
            return Optional.of(badCheckpoint);
        }
        Checkpoint last = next;
        while (checkpoints.hasNext()) {
            last = checkpoints.next();
        }
        return Optional.ofNullable(last)
                .map(cut -> new AuditFault(
                        Kind.CUT,
                        seq + 1,
                        null,
                        "The trail ends with event " + seq + ", but at " + cut.at() + " it had " + cut.count()
                                + " events."));
    }

    /** An event by itself: what it says and where it says it stands, whatever surrounds it. */
    static Optional<AuditFault> single(AuditSeals seals, LinkedEvent linked) {
        ChainCheck check = new ChainCheck(seals, List.of());
        check.seq = linked.seq() - 1;
        check.hash = linked.previousHash();
        return check.next(linked);
    }

    private Optional<AuditFault> place(LinkedEvent linked) {
        long expected = seq + 1;
        if (linked.seq() == expected) {
            return Optional.empty();
        }
        if (linked.seq() < expected) {
            return fault(Kind.REORDERED, linked, "stands behind event " + seq + ", where it does not belong.");
        }
        String which = linked.seq() == expected + 1
                ? "Event " + expected + " is"
                : "Events " + expected + " to " + (linked.seq() - 1) + " are";
        return Optional.of(new AuditFault(
                Kind.MISSING, expected, name(linked), which + " missing before event " + linked.seq() + "."));
    }

    private Optional<AuditFault> itself(LinkedEvent linked) {
        Optional<String> seal = seals.seal(linked.event());
        if (seal.isEmpty()) {
            return fault(
                    Kind.UNKNOWN_KEY,
                    linked,
                    "names the key '" + linked.event().keyId() + "', which is not known here.");
        }
        if (AuditSeals.same(seal.get(), linked.seal())) {
            return Optional.empty();
        }
        return isLinkValid(linked, linked.previousHash())
                ? fault(Kind.ALTERED, linked, "does not say what it said when it was sealed.")
                : fault(Kind.FORGED, linked, "was not made with the key.");
    }

    private Optional<AuditFault> link(LinkedEvent linked) {
        if (isLinkValid(linked, linked.previousHash())) {
            return linked.previousHash().equals(hash)
                    ? Optional.empty()
                    : fault(Kind.REORDERED, linked, "was not linked to the event that stands before it now.");
        }
        return linked.previousHash().equals(hash)
                ? fault(Kind.FORGED, linked, "is genuine, but its hash was not made with the key for this place.")
                : fault(Kind.REORDERED, linked, "is genuine, but was linked at another place.");
    }

    private boolean isLinkValid(LinkedEvent linked, String previousHash) {
        return seals.hash(linked.event().keyId(), linked.seq(), previousHash, linked.seal())
                .filter(expected -> AuditSeals.same(expected, linked.hash()))
                .isPresent();
    }

    private Optional<AuditFault> checkpoint() {
        while (next != null && next.count() <= seq) {
            Checkpoint passed = next;
            next = checkpoints.hasNext() ? checkpoints.next() : null;
            if (passed.count() == seq && !passed.hash().equals(hash)) {
                return Optional.of(new AuditFault(
                        Kind.REWRITTEN,
                        seq,
                        null,
                        "Event " + seq + " has another hash than at " + passed.at()
                                + ": somebody with the key made the trail anew."));
            }
        }
        return Optional.empty();
    }

    private static Optional<AuditFault> fault(Kind kind, LinkedEvent linked, String message) {
        return Optional.of(new AuditFault(kind, linked.seq(), name(linked), "Event " + linked.seq() + " " + message));
    }

    private static String name(LinkedEvent linked) {
        AuditRecord event = linked.event();
        String entity = event.entityName() == null ? event.entityId() : event.entityName();
        return event.action() + " of " + event.entityType() + " " + entity + " by " + event.actor();
    }
}
