package io.asyncjobs.audit;

import io.asyncjobs.audit.AuditFault.Kind;
import jakarta.inject.Singleton;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Verifies the trail in the database against the keys and this node's checkpoints. */
@Singleton
public class AuditCheck {

    private record Unlinked(UUID id, String keyId, boolean copy) {}

    private final AuditHistory history;
    private final AuditSeals seals;
    private final Checkpoints checkpoints;
    private final Jdbi jdbi;

    AuditCheck(AuditHistory history, AuditSeals seals, Checkpoints checkpoints, Jdbi jdbi) {
        this.history = history;
        this.seals = seals;
        this.checkpoints = checkpoints;
        this.jdbi = jdbi;
    }

    /** Recomputes every hash; what is wrong is an answer, not an exception. */
    public AuditCheckView verify() {
        // Before the events: whatever a checkpoint counts is there by then
        List<Checkpoint> known = checkpoints.known();
        ChainCheck check = new ChainCheck(seals, known);
        Optional<AuditFault> fault =
                history.read(AuditFilter.ALL, events -> follow(check, events)).or(this::unlinked);
        return new AuditCheckView(fault.isEmpty(), check.count(), check.hash(), known.size(), fault.orElse(null));
    }

    private static Optional<AuditFault> follow(ChainCheck check, Iterator<LinkedEvent> events) {
        while (events.hasNext()) {
            Optional<AuditFault> fault = check.next(events.next());
            if (fault.isPresent()) {
                return fault;
            }
        }
        return check.end();
    }

    /** What waits and will never be linked by this node. */
    private Optional<AuditFault> unlinked() {
        return jdbi.withHandle(handle -> handle.createQuery("""
                                select w.id, w.key_id, exists (select from audit_event e where e.id = w.id) as copy
                                from audit_waiting w
                                where w.key_id <> all(:keys) or exists (select from audit_event e where e.id = w.id)
                                order by w.position
                                limit 1
                                """)
                        .bindArray("keys", String.class, seals.keys().ids().toArray())
                        .map((row, context) -> new Unlinked(
                                row.getObject("id", UUID.class), row.getString("key_id"), row.getBoolean("copy")))
                        .findOne())
                .map(event -> new AuditFault(
                        Kind.UNLINKED,
                        0,
                        null,
                        event.copy()
                                ? "A copy of the event with the id " + event.id() + " waits to be linked."
                                : "The event with the id " + event.id() + " waits to be linked; it names the key '"
                                        + event.keyId() + "', which is not known here."));
    }
}
