package io.asyncjobs.audit;

import io.asyncjobs.audit.AuditChain.Head;
import io.asyncjobs.audit.AuditFault.Kind;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * How far this node has seen the chain come. Whatever was there once must be there for ever, so a tail that was cut off shows
 * at the next look, without waiting for a checkpoint. What was found stays until the node ends. Thread-safe.
 */
final class SeenHead {

    private static final Logger LOG = Logger.getLogger(SeenHead.class);

    private record Found(Head head, @Nullable String hashOfSeen) {}

    private Head seen = Head.EMPTY;
    private @Nullable AuditFault fault;

    /** What is missing now or was once. */
    synchronized Optional<AuditFault> fault() {
        return Optional.ofNullable(fault);
    }

    /** Reads the head and compares. */
    Head look(Jdbi jdbi) {
        return jdbi.withHandle(this::look);
    }

    /** Reads the head and compares, as the handle's transaction sees it, which must not have read before. */
    Head look(Handle handle) {
        // First: what others of this node see meanwhile may be newer than what is read here
        Head known = now();
        Found found = handle.createQuery("""
                        select seq, hash, (select e.hash from audit_event e where e.seq = :seen) as hash_of_seen
                        from audit_event
                        order by seq desc
                        limit 1
                        """)
                .bind("seen", known.seq())
                .map((row, context) ->
                        new Found(new Head(row.getLong("seq"), row.getString("hash")), row.getString("hash_of_seen")))
                .findOne()
                .orElse(new Found(Head.EMPTY, null));
        Head head = found.head();
        if (known.seq() > 0 && !known.hash().equals(found.hashOfSeen())) {
            lost(known, found);
        } else {
            remember(head);
        }
        return head;
    }

    /** The chain has come so far; committed, so that it cannot be taken back. */
    synchronized void remember(Head head) {
        if (head.seq() > seen.seq()) {
            seen = head;
        }
    }

    /** The last event that this node has seen. */
    synchronized Head now() {
        return seen;
    }

    private synchronized void lost(Head known, Found found) {
        if (!known.equals(seen)) {
            // Somebody else has found it
            return;
        }
        AuditFault first = found.hashOfSeen() == null
                ? new AuditFault(
                        Kind.CUT,
                        Math.min(known.seq(), found.head().seq() + 1),
                        null,
                        "Event " + known.seq()
                                + " is not there any more, though this node has seen it: the trail ended with"
                                + " event " + found.head().seq() + " when this was found.")
                : new AuditFault(
                        Kind.REWRITTEN,
                        known.seq(),
                        null,
                        "Event " + known.seq()
                                + " has another hash than when this node saw it: the trail was cut and went"
                                + " on, or was made anew.");
        LOG.errorf("The audit trail is not intact: %s", first.message());
        fault = fault == null ? first : fault;
        // From here on, so that a further loss is logged as well
        seen = found.head();
    }
}
