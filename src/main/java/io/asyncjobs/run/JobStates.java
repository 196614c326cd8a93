package io.asyncjobs.run;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.problem.InvalidException;
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
import org.jdbi.v3.core.Jdbi;

/** What scripts keep from run to run, read and set by hand. A run in flight that writes the same key at its end wins. */
@Singleton
class JobStates {

    private static final Map<String, String> SORTABLE = Map.of("key", "key", "updatedAt", "updated_at");

    /** Entries of one page, and how many there are on all pages. */
    record Found(List<StateEntryView> entries, long total) {}

    private final Jdbi jdbi;
    private final RunRecords records;
    private final DatabaseClock clock;

    JobStates(Jdbi jdbi, RunRecords records, DatabaseClock clock) {
        this.jdbi = jdbi;
        this.records = records;
        this.clock = clock;
    }

    Found list(UUID job, PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "key");
        return jdbi.withHandle(handle -> new Found(
                handle.createQuery("""
                                select key, value, updated_at, updated_by, updated_by_run
                                from job_state
                                where job_id = :job
                                order by %s, key
                                offset :offset limit :size
                                """.formatted(order.sql()))
                        .bind("job", job)
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
                        select key, value, updated_at, updated_by, updated_by_run
                        from job_state
                        where job_id = :job and key = :key
                        """)
                .bind("job", job)
                .bind("key", key)
                .map((row, context) -> view(row))
                .findOne());
    }

    /**
     * Sets a value as a run would.
     *
     * @throws InvalidException when the key, or what the state would become, is too large
     */
    void set(UUID job, String key, String json, String by) {
        try {
            new RunState(() -> records.state(job)).set(key, json);
        } catch (HostCallException e) {
            throw new InvalidException(RunState.isKey(key) ? "value" : "key", Objects.requireNonNull(e.getMessage()));
        }
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into job_state (job_id, key, value, updated_at, updated_by)
                        values (:job, :key, :value, :now, :by)
                        on conflict (job_id, key) do update
                        set value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by,
                            updated_by_run = null
                        """)
                .bind("job", job)
                .bind("key", key)
                .bind("value", json)
                .bind("now", clock.now().atOffset(ZoneOffset.UTC))
                .bind("by", by)
                .execute());
    }

    /** Whether there was such a key. */
    boolean delete(UUID job, String key) {
        return jdbi.withHandle(handle -> handle.createUpdate("delete from job_state where job_id = :job and key = :key")
                        .bind("job", job)
                        .bind("key", key)
                        .execute())
                > 0;
    }

    private static StateEntryView view(ResultSet row) throws SQLException {
        return new StateEntryView(
                row.getString("key"),
                row.getString("value"),
                row.getObject("updated_at", OffsetDateTime.class).toInstant(),
                row.getString("updated_by"),
                row.getObject("updated_by_run", UUID.class));
    }
}
