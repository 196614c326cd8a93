package io.asyncjobs.audit;

import io.asyncjobs.platform.json.Texts;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Links what was committed: moves it from {@code audit_waiting} to the end of {@code audit_event}, one node at a time.
 *
 * <p>An event gets its place when its transaction is over, so the order is one of commits as they become visible, and no
 * rollback leaves a hole. A move is one transaction: a crash leaves an event in one of the two tables, never in none or both.
 */
@Singleton
class AuditChain {

    private static final Logger LOG = Logger.getLogger(AuditChain.class);

    /** The lock under which the end of the chain is read and written. */
    private static final int LOCK = 0x41554449;

    private static final int MOST_AT_ONCE = 1_000;
    private static final long MOST_BYTES_AT_ONCE = 8 * 1024 * 1024;

    /** What can be linked: not what another node sealed with a key that is unknown here, nor a copy of what is linked. */
    private static final String LINKABLE = """
            w.key_id = any(:keys)
                and not exists (select from audit_event e where e.id = w.id)
                and not exists (select from audit_set_aside s where s.position = w.position)
            """;

    private static final Set<String> FAULTS_OF_AN_EVENT = Set.of("22", "23", "54", "P0", "XX");
    private static final String SAVEPOINT = "before_event";
    private static final int MAX_REASON_BYTES = 1_000;

    /** How long what was set aside waits for the next attempt. */
    private static final long RETRY_SECONDS = 300;

    /** What is committed within this time is linked together. */
    private static final long GATHER_MILLIS = 25;

    /** Whoever told of a change may commit it only later. */
    private static final long LOOK_AGAIN_MILLIS = 500;

    private static final int LOOKS = 20;

    /** Other nodes may be gone before they linked what they told of. */
    private static final long LOOK_EVERY_MILLIS = 30_000;

    /** The last event of the chain. */
    record Head(long seq, String hash) {

        static final Head EMPTY = new Head(0, AuditSeals.GENESIS);
    }

    private record Waiting(long position, UUID id, String keyId, String seal, long bytes) {}

    private final Jdbi jdbi;
    private final AuditSeals seals;
    private final SeenHead seen = new SeenHead();
    private final AuditTallies tallies;
    private final Semaphore work = new Semaphore(0);
    private final Thread thread;
    private volatile boolean stopping;

    AuditChain(Jdbi jdbi, AuditSeals seals) {
        this.jdbi = jdbi;
        this.seals = seals;
        this.tallies = new AuditTallies(jdbi);
        this.thread = Thread.ofPlatform().name("audit-chain").daemon().unstarted(this::loop);
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    @PreDestroy
    void stop() {
        stopping = true;
        thread.interrupt();
    }

    /** Something is about to be committed; returns at once. */
    void wake() {
        if (work.availablePermits() == 0) {
            work.release();
        }
    }

    /** Links all that is committed now, for readers who must not miss it, and looks whether the end that was seen is there. */
    void catchUp() {
        seen.look(jdbi);
        while (link(true)) {}
    }

    /** What this node has seen of the chain's end. */
    SeenHead seen() {
        return seen;
    }

    private void loop() {
        boolean failing = false;
        int looks = LOOKS;
        long retryAt = System.nanoTime();
        boolean looked = false;
        while (!stopping) {
            try {
                if (!looked) {
                    seen.look(jdbi);
                    looked = true;
                }
                long patience = looks > 0 || failing ? LOOK_AGAIN_MILLIS : LOOK_EVERY_MILLIS;
                looks = Math.max(0, looks - 1);
                if (work.tryAcquire(patience, TimeUnit.MILLISECONDS)) {
                    TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
                    work.drainPermits();
                    looks = LOOKS;
                }
                while (link(false)) {}
                if (tallies.rollUp(seen.now().seq())) {
                    // Many after an upgrade: one at a time, with what is to be linked in between
                    wake();
                }
                if (System.nanoTime() - retryAt >= 0) {
                    retrySetAside();
                    retryAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(RETRY_SECONDS);
                }
                failing = false;
            } catch (InterruptedException e) {
                // Only stop() interrupts
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                // An error must not end the thread: no event would be linked on this node any more
                if (!failing && !stopping) {
                    LOG.error("Audit events wait to be linked; trying again", e);
                    failing = true;
                }
            }
        }
    }

    /** Links one batch; returns whether there is more. While another node links, it waits for it or leaves it to that one. */
    private boolean link(boolean wait) {
        // What waits for nothing but to be linked is seen without the lock
        if (!jdbi.withHandle(this::somethingWaits)) {
            return false;
        }
        try {
            return link(wait, this::append);
        } catch (RuntimeException e) {
            if (!isFaultOfAnEvent(e)) {
                throw e;
            }
            return link(wait, this::appendEach);
        }
    }

    /** Appends events behind the head and returns the new one. */
    private interface Appending {
        Head append(Handle handle, List<Waiting> waiting, Head head);
    }

    private record Linked(Head head, boolean more) {}

    private boolean link(boolean wait, Appending appending) {
        Optional<Linked> linked = jdbi.inTransaction(handle -> {
            if (!lock(handle, wait)) {
                return Optional.empty();
            }
            List<Waiting> waiting = waiting(handle);
            List<Waiting> batch = bounded(waiting);
            if (batch.isEmpty()) {
                return Optional.empty();
            }
            Head head = appending.append(handle, withoutCopies(batch), seen.look(handle));
            return Optional.of(new Linked(head, batch.size() < waiting.size() || waiting.size() == MOST_AT_ONCE));
        });
        linked.ifPresent(done -> seen.remember(done.head()));
        return linked.map(Linked::more).orElse(false);
    }

    private boolean somethingWaits(Handle handle) {
        return handle.createQuery("select exists (select from audit_waiting w where " + LINKABLE + ")")
                .bindArray("keys", String.class, seals.keys().ids().toArray())
                .mapTo(Boolean.class)
                .one();
    }

    private static boolean lock(Handle handle, boolean wait) {
        if (wait) {
            handle.createQuery("select true from (select pg_advisory_xact_lock(:lock)) as locked")
                    .bind("lock", LOCK)
                    .mapTo(Boolean.class)
                    .one();
            return true;
        }
        return handle.createQuery("select pg_try_advisory_xact_lock(:lock)")
                .bind("lock", LOCK)
                .mapTo(Boolean.class)
                .one();
    }

    private List<Waiting> waiting(Handle handle) {
        return handle.createQuery("""
                        select w.position, w.id, w.key_id, w.seal,
                            coalesce(octet_length(w.before), 0) + coalesce(octet_length(w.after), 0) as bytes
                        from audit_waiting w
                        where %s
                        order by w.position
                        limit :limit
                        """.formatted(LINKABLE))
                .bindArray("keys", String.class, seals.keys().ids().toArray())
                .bind("limit", MOST_AT_ONCE)
                .map((row, context) -> waiting(row))
                .list();
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        return new Waiting(
                row.getLong("position"),
                row.getObject("id", UUID.class),
                row.getString("key_id"),
                row.getString("seal"),
                row.getLong("bytes"));
    }

    /** The first of them, so that a transaction stays short however large their values are. */
    private static List<Waiting> bounded(List<Waiting> waiting) {
        long bytes = 0;
        for (int i = 0; i < waiting.size(); i++) {
            bytes += waiting.get(i).bytes();
            if (bytes > MOST_BYTES_AT_ONCE) {
                return waiting.subList(0, Math.max(1, i));
            }
        }
        return waiting;
    }

    /** A copy stays behind, and is none of the next batch's, since its original is linked then. */
    private static List<Waiting> withoutCopies(List<Waiting> waiting) {
        Set<UUID> ids = new HashSet<>();
        return waiting.stream().filter(event -> ids.add(event.id())).toList();
    }

    /** One after the other, so that an event the database refuses stays behind and delays none of the others. */
    private Head appendEach(Handle handle, List<Waiting> waiting, Head head) {
        Head last = head;
        for (Waiting event : waiting) {
            handle.savepoint(SAVEPOINT);
            try {
                last = append(handle, List.of(event), last);
                handle.releaseSavepoint(SAVEPOINT);
            } catch (RuntimeException e) {
                if (!isFaultOfAnEvent(e)) {
                    throw e;
                }
                handle.rollbackToSavepoint(SAVEPOINT);
                setAside(handle, event, e);
            }
        }
        return last;
    }

    private static void setAside(Handle handle, Waiting event, RuntimeException fault) {
        String reason = reason(fault);
        LOG.errorf(
                "The audit event with the id %s cannot be appended to the trail. It is set aside and tried again; the"
                        + " others go on: %s",
                event.id(), reason);
        handle.createUpdate("""
                        insert into audit_set_aside (position, id, reason) values (:position, :id, :reason)
                        on conflict (position) do update set reason = excluded.reason
                        """)
                .bind("position", event.position())
                .bind("id", event.id())
                .bind("reason", reason)
                .execute();
    }

    /** Tries again what was set aside: whatever was in the way may be gone. */
    void retrySetAside() {
        boolean any = jdbi.withHandle(handle -> handle.createQuery("select exists (select from audit_set_aside)")
                .mapTo(Boolean.class)
                .one());
        if (!any) {
            return;
        }
        Optional<Head> appended = jdbi.inTransaction(handle -> {
            if (!lock(handle, false)) {
                return Optional.empty();
            }
            Head last = seen.look(handle);
            for (Waiting event : setAside(handle)) {
                handle.savepoint(SAVEPOINT);
                try {
                    Head next = append(handle, List.of(event), last);
                    handle.createUpdate("delete from audit_set_aside where position = :position")
                            .bind("position", event.position())
                            .execute();
                    handle.releaseSavepoint(SAVEPOINT);
                    last = next;
                } catch (RuntimeException e) {
                    if (!isFaultOfAnEvent(e)) {
                        throw e;
                    }
                    handle.rollbackToSavepoint(SAVEPOINT);
                }
            }
            return Optional.of(last);
        });
        appended.ifPresent(seen::remember);
    }

    private List<Waiting> setAside(Handle handle) {
        return handle.createQuery("""
                        select w.position, w.id, w.key_id, w.seal, 0 as bytes
                        from audit_set_aside s join audit_waiting w on w.position = s.position
                        where w.key_id = any(:keys) and not exists (select from audit_event e where e.id = w.id)
                        order by s.at, w.position
                        limit 100
                        """)
                .bindArray("keys", String.class, seals.keys().ids().toArray())
                .map((row, context) -> waiting(row))
                .list();
    }

    /** Whether the database refused the event itself; the network, a full disk and the like hit every event alike. */
    private static boolean isFaultOfAnEvent(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                // Data exceptions, broken constraints, limits of the database, exceptions of triggers, damaged rows
                return FAULTS_OF_AN_EVENT.contains(sql.getSQLState().substring(0, 2));
            }
        }
        return false;
    }

    private static String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return Texts.beginning(Texts.storable(String.valueOf(sql.getMessage())), MAX_REASON_BYTES);
            }
        }
        return failure.getClass().getSimpleName();
    }

    private Head append(Handle handle, List<Waiting> waiting, Head head) {
        List<Long> positions = new ArrayList<>();
        List<Long> seqs = new ArrayList<>();
        List<String> previous = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        Head last = head;
        for (Waiting event : waiting) {
            Optional<String> hash = seals.hash(event.keyId(), last.seq() + 1, last.hash(), event.seal());
            positions.add(event.position());
            seqs.add(last.seq() + 1);
            previous.add(last.hash());
            hashes.add(hash.orElseThrow());
            last = new Head(last.seq() + 1, hash.orElseThrow());
        }
        handle.createUpdate("""
                        insert into audit_event (seq, id, at, actor, on_behalf_of, via, entity_type, entity_id, entity_name,
                            action, before, after, reason, job_id, run_id, key_id, seal, previous_hash, hash)
                        select l.seq, w.id, w.at, w.actor, w.on_behalf_of, w.via, w.entity_type, w.entity_id, w.entity_name,
                            w.action, w.before, w.after, w.reason, w.job_id, w.run_id, w.key_id, w.seal, l.previous, l.hash
                        from unnest(:positions, :seqs, :previous, :hashes) as l (position, seq, previous, hash)
                            join audit_waiting w on w.position = l.position
                        order by l.seq
                        """)
                .bindArray("positions", Long.class, positions.toArray())
                .bindArray("seqs", Long.class, seqs.toArray())
                .bindArray("previous", String.class, previous.toArray())
                .bindArray("hashes", String.class, hashes.toArray())
                .execute();
        handle.createUpdate("delete from audit_waiting where position = any(:positions)")
                .bindArray("positions", Long.class, positions.toArray())
                .execute();
        return last;
    }
}
