package io.asyncjobs.audit;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
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

    private record Waiting(long position, UUID id, String keyId, String seal) {}

    private final Jdbi jdbi;
    private final AuditSeals seals;
    private final Semaphore work = new Semaphore(0);
    private final Thread thread;
    private volatile boolean stopping;

    AuditChain(Jdbi jdbi, AuditSeals seals) {
        this.jdbi = jdbi;
        this.seals = seals;
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

    /** Links all that is committed now, for readers who must not miss it. */
    void catchUp() {
        while (link(true) == MOST_AT_ONCE) {}
    }

    private void loop() {
        boolean failing = false;
        int looks = LOOKS;
        while (!stopping) {
            try {
                long patience = looks > 0 || failing ? LOOK_AGAIN_MILLIS : LOOK_EVERY_MILLIS;
                looks = Math.max(0, looks - 1);
                if (work.tryAcquire(patience, TimeUnit.MILLISECONDS)) {
                    TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
                    work.drainPermits();
                    looks = LOOKS;
                }
                while (link(false) == MOST_AT_ONCE) {}
                failing = false;
            } catch (InterruptedException e) {
                // Only stop() interrupts
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                if (!failing && !stopping) {
                    LOG.errorf("Audit events wait to be linked; trying again: %s", e.getMessage());
                    failing = true;
                }
            }
        }
    }

    /** Links one batch; returns how many there were. While another node links, it waits for it or leaves it to that one. */
    private int link(boolean wait) {
        if (!wait && !jdbi.withHandle(AuditChain::somethingWaits)) {
            return 0;
        }
        return jdbi.inTransaction(handle -> {
            if (!lock(handle, wait)) {
                return 0;
            }
            List<Waiting> waiting = waiting(handle);
            if (!waiting.isEmpty()) {
                append(handle, withoutCopies(waiting), head(handle));
            }
            return waiting.size();
        });
    }

    static Head head(Handle handle) {
        return handle.createQuery("select seq, hash from audit_event order by seq desc limit 1")
                .map((row, context) -> new Head(row.getLong("seq"), row.getString("hash")))
                .findOne()
                .orElse(Head.EMPTY);
    }

    private static boolean somethingWaits(Handle handle) {
        return handle.createQuery("select exists (select from audit_waiting)")
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

    /** What can be linked: not what another node sealed with a key that is unknown here, nor a copy of what is linked. */
    private List<Waiting> waiting(Handle handle) {
        return handle.createQuery("""
                        select w.position, w.id, w.key_id, w.seal
                        from audit_waiting w
                        where w.key_id = any(:keys)
                            and not exists (select from audit_event e where e.id = w.id)
                        order by w.position
                        limit :limit
                        """)
                .bindArray("keys", String.class, seals.keys().ids().toArray())
                .bind("limit", MOST_AT_ONCE)
                .map((row, context) -> new Waiting(
                        row.getLong("position"),
                        row.getObject("id", UUID.class),
                        row.getString("key_id"),
                        row.getString("seal")))
                .list();
    }

    /** A copy stays behind, and is none of the next batch's, since its original is linked then. */
    private static List<Waiting> withoutCopies(List<Waiting> waiting) {
        Set<UUID> seen = new HashSet<>();
        return waiting.stream().filter(event -> seen.add(event.id())).toList();
    }

    private void append(Handle handle, List<Waiting> waiting, Head head) {
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
    }
}
