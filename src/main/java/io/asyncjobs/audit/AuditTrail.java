package io.asyncjobs.audit;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.platform.json.Texts;
import io.asyncjobs.platform.problem.InvalidException;
import io.quarkus.arc.Arc;
import io.quarkus.arc.ArcContainer;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Where changes are told of, inside the transactions that make them: both are there or neither. Thread-safe.
 *
 * <p>What is told is sealed at once and waits for {@link AuditChain} to link it, so that transactions do not wait for one
 * another here.
 */
@ApplicationScoped
public class AuditTrail {

    private static final String INSERT = """
            insert into audit_waiting (id, at, actor, on_behalf_of, via, entity_type, entity_id, entity_name, action,
                before, after, reason, job_id, run_id, key_id, seal)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    /** How many bytes of UTF-8 each text of an event has at most, but for its values and its reason. */
    public static final int MAX_TEXT_BYTES = 1_500;

    /** How many bytes of UTF-8 a reason has at most. */
    public static final int MAX_REASON_BYTES = 8_000;

    private final DataSource database;
    private final AuditSeals seals;
    private final AuditConfig config;
    private final AuditChain chain;
    private final DatabaseClock clock;
    private final Instance<CurrentVertxRequest> request;

    AuditTrail(
            DataSource database,
            AuditSeals seals,
            AuditConfig config,
            AuditChain chain,
            DatabaseClock clock,
            Instance<CurrentVertxRequest> request) {
        this.database = database;
        this.seals = seals;
        this.config = config;
        this.chain = chain;
        this.clock = clock;
        this.request = request;
    }

    /**
     * Puts the entry on the trail, in the caller's JTA transaction, which must be there.
     *
     * @throws InvalidException when a reason is missing that the configuration asks for
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void record(AuditEntry entry) {
        record(List.of(entry));
    }

    /**
     * Puts the entries on the trail in their order, in the caller's JTA transaction, which must be there.
     *
     * @throws InvalidException when a reason is missing that the configuration asks for
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void record(List<AuditEntry> entries) {
        try (Connection connection = database.getConnection()) {
            record(connection, entries);
        } catch (SQLException e) {
            throw new IllegalStateException("Audit events cannot be written", e);
        }
    }

    /**
     * Puts the entries on the trail in their order, in the transaction that is open there.
     *
     * @throws InvalidException when a reason is missing that the configuration asks for
     */
    public void record(Handle handle, List<AuditEntry> entries) {
        try {
            record(handle.getConnection(), entries);
        } catch (SQLException e) {
            throw new IllegalStateException("Audit events cannot be written", e);
        }
    }

    private void record(Connection connection, List<AuditEntry> entries) throws SQLException {
        if (entries.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (AuditEntry entry : entries) {
                AuditRecord event = event(entry);
                bind(insert, event, seals.seal(event).orElseThrow());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        chain.wake();
    }

    /** How many events of that run's script are on the trail, linked or not, as the transaction that is open there sees it. */
    public int countOfScript(Handle handle, UUID job, UUID run) {
        return handle.createQuery("""
                        select (select count(*) from audit_waiting where run_id = :run and via = 'script')
                            + (select count(*) from audit_event where job_id = :job and run_id = :run and via = 'script')
                        """)
                .bind("job", job)
                .bind("run", run)
                .mapTo(Integer.class)
                .one();
    }

    private AuditRecord event(AuditEntry entry) {
        AuditVia via = entry.via() == null ? via() : entry.via();
        String reason = entry.reason() == null || entry.reason().isBlank() ? null : entry.reason();
        if (reason == null && config.reasonRequired() && (via == AuditVia.API || via == AuditVia.DASHBOARD)) {
            throw new InvalidException(List.of(ReasonParameter.missing()));
        }
        Instant now = clock.now();
        Instant at = entry.at() == null ? now : entry.at().truncatedTo(ChronoUnit.MICROS);
        return new AuditRecord(
                UuidV7.at(now),
                at,
                storable(entry.actor(), MAX_TEXT_BYTES),
                storableOrNull(entry.onBehalfOf(), MAX_TEXT_BYTES),
                via.wireName(),
                storable(entry.entityType(), MAX_TEXT_BYTES),
                storable(entry.entityId(), MAX_TEXT_BYTES),
                storableOrNull(entry.entityName(), MAX_TEXT_BYTES),
                storable(entry.action(), MAX_TEXT_BYTES),
                storableOrNull(entry.changes().before(), Integer.MAX_VALUE),
                storableOrNull(entry.changes().after(), Integer.MAX_VALUE),
                storableOrNull(reason, MAX_REASON_BYTES),
                entry.jobId(),
                entry.runId(),
                seals.keys().primary().orElseThrow());
    }

    /** The API's paths are the API's; whatever else a request may reach is a page. Without a request, the service itself. */
    private AuditVia via() {
        ArcContainer container = Arc.container();
        if (container == null || !container.requestContext().isActive()) {
            return AuditVia.SYSTEM;
        }
        RoutingContext current = request.get().getCurrent();
        if (current == null) {
            return AuditVia.SYSTEM;
        }
        String path = current.request().path();
        return path == null || path.startsWith("/api/") ? AuditVia.API : AuditVia.DASHBOARD;
    }

    private static void bind(PreparedStatement insert, AuditRecord event, String seal) throws SQLException {
        insert.setObject(1, event.id());
        insert.setObject(2, event.at().atOffset(ZoneOffset.UTC));
        insert.setString(3, event.actor());
        insert.setString(4, event.onBehalfOf());
        insert.setString(5, event.via());
        insert.setString(6, event.entityType());
        insert.setString(7, event.entityId());
        insert.setString(8, event.entityName());
        insert.setString(9, event.action());
        insert.setString(10, event.before());
        insert.setString(11, event.after());
        insert.setString(12, event.reason());
        insert.setObject(13, event.jobId(), java.sql.Types.OTHER);
        insert.setObject(14, event.runId(), java.sql.Types.OTHER);
        insert.setString(15, event.keyId());
        insert.setString(16, seal);
    }

    private static @Nullable String storableOrNull(@Nullable String text, int maxBytes) {
        return text == null ? null : storable(text, maxBytes);
    }

    /** What PostgreSQL can hold, unchanged in almost all cases: whoever takes a text from outside refuses one that is too long. */
    private static String storable(String text, int maxBytes) {
        return Texts.beginning(Texts.storable(text), maxBytes);
    }
}
