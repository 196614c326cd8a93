package io.asyncjobs.job;

import io.asyncjobs.platform.StartPatience;
import io.asyncjobs.platform.crypto.SecretBox;
import io.asyncjobs.platform.crypto.UnreadableSecretException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.script.MalformedScriptException;
import io.asyncjobs.script.ScriptSource;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code script}. Sources are sealed for the row they lie in; only their digests can be read without the key.
 *
 * <p>At start, what another key sealed, or none did, is sealed with the primary one: after a start with a new primary key
 * the old one is needed no more.
 */
@ApplicationScoped
class StoredScripts implements PanacheRepositoryBase<StoredScript, String> {

    private static final Logger LOG = Logger.getLogger(StoredScripts.class);
    private static final int SEALED_AT_ONCE = 20;

    /**
     * A source as it is stored.
     *
     * @param repaired whether it was stored in a form that could not be read
     */
    record Obtained(StoredScript script, boolean repaired) {}

    private record Row(
            String sha256, byte[] content, @Nullable String keyId) {}

    private final SecretBox box;
    private final Jdbi jdbi;

    StoredScripts(SecretBox box, Jdbi jdbi) {
        this.box = box;
        this.jdbi = jdbi;
    }

    void onStart(@Observes StartupEvent event) {
        box.primaryKey()
                .ifPresentOrElse(
                        key -> StartPatience.persist(
                                "Sealing the scripts with the primary key", () -> sealAllWith(key)),
                        () -> LOG.error("No encryption key is configured: scripts can be neither stored nor read."
                                + " Set ASYNCJOBS_ENCRYPTION_KEYS"));
    }

    /**
     * The stored forms of sources, stored now where they are new; two transactions may store the same one at once.
     *
     * @return by SHA-256
     * @throws RefusedException where no key is configured
     */
    Map<String, Obtained> obtain(Collection<ScriptSource> sources, Instant now) {
        // In one order, so that two transactions do not wait for each other
        SortedMap<String, ScriptSource> wanted = new TreeMap<>();
        sources.forEach(source -> wanted.put(source.sha256(), source));
        Map<String, Row> present = rows(wanted.keySet());
        Set<String> damaged = new HashSet<>();
        List<ScriptSource> toStore = new ArrayList<>();
        wanted.forEach((sha256, source) -> {
            Row row = present.get(sha256);
            if (row != null && !holds(row, source)) {
                damaged.add(sha256);
            }
            if (row == null || damaged.contains(sha256)) {
                toStore.add(source);
            }
        });
        store(toStore, now);
        Map<String, Obtained> obtained = new HashMap<>();
        list("sha256 in ?1", wanted.keySet())
                .forEach(script -> obtained.put(script.sha256, new Obtained(script, damaged.contains(script.sha256))));
        return obtained;
    }

    private void store(List<ScriptSource> sources, Instant now) {
        String key = box.primaryKey()
                .orElseThrow(() -> new RefusedException(
                        "encryption-key-missing",
                        "A script can be stored only where an encryption key is configured: set"
                                + " ASYNCJOBS_ENCRYPTION_KEYS and start the service again."));
        if (sources.isEmpty()) {
            return;
        }
        jdbi.useHandle(handle -> {
            PreparedBatch insert = handle.prepareBatch("""
                    insert into script (sha256, md5, content, key_id, created_at)
                    values (:sha256, :md5, :content, :key, :now)
                    on conflict (sha256) do update set content = excluded.content, key_id = excluded.key_id
                    """);
            for (ScriptSource source : sources) {
                insert.bind("sha256", source.sha256())
                        .bind("md5", source.md5())
                        .bind("content", box.seal(source.utf8(), context(source.sha256())))
                        .bind("key", key)
                        .bind("now", now.atOffset(ZoneOffset.UTC))
                        .add();
            }
            insert.execute();
        });
    }

    private Map<String, Row> rows(Set<String> sha256s) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select sha256, content, key_id from script where sha256 = any(:sha256s)")
                        .bindArray("sha256s", String.class, sha256s)
                        .map((found, context) -> row(found))
                        .collectToMap(Row::sha256, row -> row));
    }

    private boolean holds(Row row, ScriptSource source) {
        try {
            return ScriptSource.ofUtf8(open(row)).equals(source);
        } catch (UnreadableSecretException | MalformedScriptException e) {
            LOG.debugf(e, "The script with the SHA-256 %s is damaged", source.sha256());
            return false;
        }
    }

    /**
     * The source with that digest.
     *
     * @throws UnreadableSecretException when its key is not configured, or it was altered
     * @throws MalformedScriptException when it was altered from before it was sealed
     */
    ScriptSource source(String sha256) {
        return source(jdbi, sha256);
    }

    /** As {@link #source(String)}, over connections of the caller's choice. */
    ScriptSource source(Jdbi connections, String sha256) {
        ScriptSource source = ScriptSource.ofUtf8(open(find(connections, sha256).orElseThrow()));
        if (!source.sha256().equals(sha256)) {
            throw MalformedScriptException.altered();
        }
        return source;
    }

    /** Hands on the texts of those sources, one after the other; what cannot be read is left out, as whoever runs it will say. */
    void opened(Collection<String> sha256s, BiConsumer<String, String> take) {
        rows(Set.copyOf(sha256s)).values().forEach(row -> {
            try {
                take.accept(row.sha256(), new String(open(row), StandardCharsets.UTF_8));
            } catch (UnreadableSecretException e) {
                LOG.debugf(e, "The script with the SHA-256 %s cannot be searched", row.sha256());
            }
        });
    }

    private static Optional<Row> find(Jdbi connections, String sha256) {
        return connections.withHandle(
                handle -> handle.createQuery("select sha256, content, key_id from script where sha256 = :sha256")
                        .bind("sha256", sha256)
                        .map((found, context) -> row(found))
                        .findOne());
    }

    private void sealAllWith(String key) {
        int sealed = 0;
        String last = "";
        while (true) {
            String after = last;
            List<Row> rows = jdbi.inTransaction(handle -> seal(handle, key, after));
            if (rows.isEmpty()) {
                break;
            }
            sealed += rows.size();
            last = rows.getLast().sha256();
        }
        if (sealed > 0) {
            LOG.infof("%d scripts were to be sealed with the encryption key '%s'", sealed, key);
        }
    }

    /** Seals some of the rows after that one; returns those it looked at, in order. */
    private List<Row> seal(Handle handle, String key, String after) {
        List<Row> rows = handle.createQuery("""
                        select sha256, content, key_id from script
                        where sha256 > :after and key_id is distinct from :key
                        order by sha256
                        limit :most
                        for update
                        """)
                .bind("after", after)
                .bind("key", key)
                .bind("most", SEALED_AT_ONCE)
                .map((found, context) -> row(found))
                .list();
        for (Row row : rows) {
            try {
                byte[] source = open(row);
                handle.createUpdate("update script set content = :content, key_id = :key where sha256 = :sha256")
                        .bind("content", box.seal(source, context(row.sha256())))
                        .bind("key", key)
                        .bind("sha256", row.sha256())
                        .execute();
            } catch (UnreadableSecretException e) {
                LOG.errorf("The script with the SHA-256 %s cannot be read: %s", row.sha256(), e.getMessage());
            }
        }
        return rows;
    }

    private byte[] open(Row row) {
        return row.keyId() == null ? row.content() : box.open(row.content(), context(row.sha256()));
    }

    private static Row row(ResultSet found) throws SQLException {
        return new Row(found.getString("sha256"), found.getBytes("content"), found.getString("key_id"));
    }

    private static String context(String sha256) {
        return "script/" + sha256;
    }
}
