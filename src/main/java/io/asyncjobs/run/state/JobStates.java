package io.asyncjobs.run.state;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.audit.Changes;
import io.asyncjobs.job.Jobs;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.run.RunRecords;
import io.asyncjobs.run.host.RunLimits;
import io.asyncjobs.run.host.RunMemory;
import io.asyncjobs.run.host.RunState;
import io.asyncjobs.script.HostCallException;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** What scripts keep from run to run, read and set by hand. A run in flight that writes the same key at its end wins. */
@Singleton
class JobStates {

    private static final Map<String, String> SORTABLE = Map.of("key", "key", "updatedAt", "updated_at");

    /** Values that a page gives, together. */
    private static final int MAX_PAGE_BYTES = 1024 * 1024;

    /** Entries of one page, and how many there are on all pages. */
    record Found(List<StateEntryView> entries, long total) {}

    private final Jdbi jdbi;
    private final Jobs jobs;
    private final RunLimits limits;
    private final RunRecords records;
    private final DatabaseClock clock;
    private final AuditTrail audit;

    JobStates(Jdbi jdbi, Jobs jobs, RunLimits limits, RunRecords records, DatabaseClock clock, AuditTrail audit) {
        this.jdbi = jdbi;
        this.jobs = jobs;
        this.limits = limits;
        this.records = records;
        this.clock = clock;
        this.audit = audit;
    }

    Found list(UUID job, PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "key");
        return jdbi.withHandle(handle -> new Found(
                handle.createQuery("""
                                with page as (
                                    select key, octet_length(value) as bytes, updated_at, updated_by, updated_by_run
                                    from job_state
                                    where job_id = :job
                                    order by %1$s, key
                                    offset :offset limit :size),
                                listed as (select page.*, sum(bytes) over (order by %1$s, key) > :most as omitted from page)
                                select l.key, s.value, l.omitted, l.updated_at, l.updated_by, l.updated_by_run
                                from listed l
                                    left join job_state s on s.job_id = :job and s.key = l.key and not l.omitted
                                order by %2$s, l.key
                                """.formatted(order.sql(), "l." + order.sql()))
                        .bind("job", job)
                        .bind("most", MAX_PAGE_BYTES)
                        .bind("offset", page.offset())
                        .bind("size", page.size())
                        .map((row, context) -> view(row))
                        .list(),
                handle.createQuery("select count(*) from job_state where job_id = :job")
                        .bind("job", job)
                        .mapTo(Long.class)
                        .one()));
    }

    Optional<StateEntryView> find(UUID job, String key) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select key, value, false as omitted, updated_at, updated_by, updated_by_run
                        from job_state
                        where job_id = :job and key = :key
                        """)
                .bind("job", job)
                .bind("key", key)
                .map((row, context) -> view(row))
                .findOne());
    }

    /**
     * Sets a value as a run would; one that is there already stays as it is.
     *
     * @throws InvalidException when the key, or what the state would become, is too large
     */
    void set(UUID job, String key, String json, String by, @Nullable String reason) {
        try {
            new RunState(() -> records.state(job), limits.stateChars(jobs.limits(job)), RunMemory.unlimited())
                    .set(key, json);
        } catch (HostCallException e) {
            throw new InvalidException(RunState.isKey(key) ? "value" : "key", Objects.requireNonNull(e.getMessage()));
        }
        jdbi.useTransaction(handle -> {
            // Whoever is beaten to the insert waits for the other's end, and then changes what that one left
            while (!create(handle, job, key, json, by)) {
                Optional<String> before = lockedValue(handle, job, key);
                if (before.isPresent()) {
                    if (!before.get().equals(json)) {
                        replace(handle, job, key, json, by);
                        tell(handle, "update", job, key, before.get(), json, by, reason);
                    }
                    return;
                }
            }
            tell(handle, "create", job, key, null, json, by, reason);
        });
    }

    /** Whether there was none. */
    private boolean create(Handle handle, UUID job, String key, String json, String by) {
        return handle.createUpdate("""
                        insert into job_state (job_id, key, value, updated_at, updated_by)
                        values (:job, :key, :value, :now, :by)
                        on conflict (job_id, key) do nothing
                        """)
                        .bind("job", job)
                        .bind("key", key)
                        .bind("value", json)
                        .bind("now", clock.now().atOffset(ZoneOffset.UTC))
                        .bind("by", by)
                        .execute()
                == 1;
    }

    private void replace(Handle handle, UUID job, String key, String json, String by) {
        handle.createUpdate("""
                        update job_state
                        set value = :value, updated_at = :now, updated_by = :by, updated_by_run = null
                        where job_id = :job and key = :key
                        """)
                .bind("job", job)
                .bind("key", key)
                .bind("value", json)
                .bind("now", clock.now().atOffset(ZoneOffset.UTC))
                .bind("by", by)
                .execute();
    }

    /** Whether there was such a key. */
    boolean delete(UUID job, String key, String by, @Nullable String reason) {
        return jdbi.inTransaction(handle -> {
            Optional<String> before = lockedValue(handle, job, key);
            if (before.isPresent()) {
                handle.createUpdate("delete from job_state where job_id = :job and key = :key")
                        .bind("job", job)
                        .bind("key", key)
                        .execute();
                tell(handle, "delete", job, key, before.get(), null, by, reason);
            }
            return before.isPresent();
        });
    }

    private static Optional<String> lockedValue(Handle handle, UUID job, String key) {
        return handle.createQuery("select value from job_state where job_id = :job and key = :key for update")
                .bind("job", job)
                .bind("key", key)
                .mapTo(String.class)
                .findOne();
    }

    private void tell(
            Handle handle,
            String action,
            UUID job,
            String key,
            @Nullable String before,
            @Nullable String after,
            String by,
            @Nullable String reason) {
        audit.record(
                handle,
                List.of(AuditEntry.of(by, action, "state", key)
                        .with(Changes.between(value(before), value(after)))
                        .because(reason)
                        .ofJob(job)));
    }

    private static @Nullable ObjectNode value(@Nullable String json) {
        return json == null ? null : JsonNodeFactory.instance.objectNode().putRawValue("value", new RawValue(json));
    }

    private static StateEntryView view(ResultSet row) throws SQLException {
        return new StateEntryView(
                row.getString("key"),
                row.getString("value"),
                row.getBoolean("omitted"),
                row.getObject("updated_at", OffsetDateTime.class).toInstant(),
                row.getString("updated_by"),
                row.getObject("updated_by_run", UUID.class));
    }
}
