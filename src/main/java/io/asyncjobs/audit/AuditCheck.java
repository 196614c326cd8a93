package io.asyncjobs.audit;

import io.asyncjobs.audit.AuditFault.Kind;
import io.asyncjobs.platform.problem.UnavailableException;
import jakarta.inject.Singleton;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Verifies the trail in the database against the keys and this node's checkpoints. */
@Singleton
public class AuditCheck {

    /** Each takes a processor for as long as it lasts. */
    private static final int AT_ONCE = 2;

    private record Unlinked(
            UUID id, String keyId, boolean copy, @Nullable String refusal) {}

    private final AuditHistory history;
    private final AuditChain chain;
    private final AuditSeals seals;
    private final Checkpoints checkpoints;
    private final Jdbi jdbi;
    private final Semaphore verifying = new Semaphore(AT_ONCE);

    AuditCheck(AuditHistory history, AuditChain chain, AuditSeals seals, Checkpoints checkpoints, Jdbi jdbi) {
        this.history = history;
        this.chain = chain;
        this.seals = seals;
        this.checkpoints = checkpoints;
        this.jdbi = jdbi;
    }

    /**
     * Recomputes every hash; what is wrong is an answer, not an exception.
     *
     * @throws UnavailableException when others verify already
     */
    public AuditCheckView verify() {
        if (!verifying.tryAcquire()) {
            throw new UnavailableException(
                    "The audit trail is being verified by " + AT_ONCE + " others already; try again in a moment.");
        }
        // Before the events: whatever a checkpoint counts is there by then
        try (KnownCheckpoints known = checkpoints.known()) {
            ChainCheck check = new ChainCheck(seals, known);
            Optional<AuditFault> fault = history.read(AuditFilter.ALL, events -> follow(check, events))
                    .or(() -> chain.seen().fault())
                    .or(this::unlinked);
            return new AuditCheckView(
                    fault.isEmpty(),
                    check.count(),
                    check.hash(),
                    known.count(),
                    fault.orElse(null),
                    setAside(),
                    checkpoints.warning().map(List::of).orElse(List.of()));
        } finally {
            verifying.release();
        }
    }

    /** How many events were refused by the database. */
    long setAside() {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) from audit_set_aside")
                .mapTo(Long.class)
                .one());
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

    /** What waits and will never be linked by this node, or was refused by the database. */
    private Optional<AuditFault> unlinked() {
        return jdbi.withHandle(handle -> handle.createQuery("""
                                select w.id, w.key_id, exists (select from audit_event e where e.id = w.id) as copy,
                                    s.reason as refusal
                                from audit_waiting w left join audit_set_aside s on s.position = w.position
                                where w.key_id <> all(:keys) or s.position is not null
                                    or exists (select from audit_event e where e.id = w.id)
                                order by w.position
                                limit 1
                                """)
                        .bindArray("keys", String.class, seals.keys().ids().toArray())
                        .map((row, context) -> new Unlinked(
                                row.getObject("id", UUID.class),
                                row.getString("key_id"),
                                row.getBoolean("copy"),
                                row.getString("refusal")))
                        .findOne())
                .map(event -> new AuditFault(Kind.UNLINKED, 0, null, message(event)));
    }

    private static String message(Unlinked event) {
        if (event.copy()) {
            return "A copy of the event with the id " + event.id() + " waits to be linked.";
        }
        return event.refusal() == null
                ? "The event with the id " + event.id() + " waits to be linked; it names the key '" + event.keyId()
                        + "', which is not known here."
                : "The event with the id " + event.id() + " is set aside, since the database refused it: "
                        + event.refusal();
    }
}
