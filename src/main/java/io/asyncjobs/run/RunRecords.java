package io.asyncjobs.run;

import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.run.host.RunLog;
import io.asyncjobs.run.host.StateStore;
import io.asyncjobs.schedule.Claim;
import io.asyncjobs.schedule.Completion;
import io.asyncjobs.schedule.Completions;
import io.asyncjobs.schedule.Completions.Completed;
import io.asyncjobs.schedule.HeldLeases;
import io.asyncjobs.schedule.RunOutcome;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** What runs leave behind, written in batches: a few statements for however many runs. */
@Singleton
public class RunRecords {

    /** A run that has ended, with all that is to be written for it. */
    record Ended(
            Completion completion,
            RunLog.Chunk log,
            String logJson,
            Map<String, @Nullable String> state,
            List<AuditEntry> audit) {

        /** Whether there is nothing to write but that it ended. */
        boolean isBare() {
            return log.lines().isEmpty() && state.isEmpty() && audit.isEmpty();
        }
    }

    /** Lines of a run that goes on. */
    record Lines(Claim claim, RunLog.Chunk log, String logJson) {}

    private final Jdbi jdbi;
    /** For what scripts wait for: they must not take the connections of ends. */
    private final Jdbi others;

    private final Completions completions;
    private final AuditTrail audit;

    RunRecords(
            @io.quarkus.agroal.DataSource("schedule") Jdbi jdbi,
            Jdbi others,
            Completions completions,
            AuditTrail audit) {
        this.others = others;
        this.jdbi = jdbi;
        this.audit = audit;
        this.completions = completions;
    }

    /**
     * What became of ends.
     *
     * @param held are on record now
     * @param locked wait for somebody who has the row; the others had lost their lease, and nothing is written for them
     */
    record Written(Set<UUID> held, Set<UUID> locked) {

        Written {
            held = Set.copyOf(held);
            locked = Set.copyOf(locked);
        }
    }

    /** Records ends of runs that left nothing else, in a single statement. Returns which still held their lease. */
    Set<UUID> endBare(List<Ended> ended) {
        return completions.complete(completions(ended));
    }

    /**
     * Records ends of runs with their last lines, what they did outside and, where they succeeded, their state, all in one
     * transaction. Returns which runs still held their lease; for the others nothing is written.
     */
    Set<UUID> endWithMore(List<Ended> ended) {
        List<Claim> claims = claims(ended);
        Completed written = jdbi.inTransaction(handle -> write(handle, ended, HeldLeases.lock(handle, claims)));
        completions.committed(completions(ended), written);
        return written.held();
    }

    /** As the other two, for runs of which somebody has locked some rows: those have to wait, the others need not. */
    Written endPassingOver(List<Ended> ended) {
        List<Claim> claims = claims(ended);
        Set<UUID> locked = new HashSet<>();
        Completed written = jdbi.inTransaction(handle -> {
            Set<UUID> held = HeldLeases.lockPassingOver(handle, claims);
            Completed completed = write(handle, ended, held);
            locked.addAll(HeldLeases.held(handle, claims));
            locked.removeAll(held);
            return completed;
        });
        completions.committed(
                completions(ended).stream()
                        .filter(completion ->
                                !locked.contains(completion.claim().runId()))
                        .toList(),
                written);
        return new Written(written.held(), locked);
    }

    private static List<Completion> completions(List<Ended> ended) {
        return ended.stream().map(Ended::completion).toList();
    }

    private static List<Claim> claims(List<Ended> ended) {
        return ended.stream().map(run -> run.completion().claim()).toList();
    }

    /** All that is to be stored of those that are still held. */
    private Completed write(Handle handle, List<Ended> ended, Set<UUID> held) {
        List<Ended> kept = ended.stream()
                .filter(run -> held.contains(run.completion().claim().runId()))
                .toList();
        if (kept.isEmpty()) {
            return Completed.NONE;
        }
        writeLogs(
                handle,
                kept.stream()
                        .map(run -> new Lines(run.completion().claim(), run.log(), run.logJson()))
                        .toList());
        writeState(
                handle,
                kept.stream()
                        .filter(run -> run.completion().outcome() == RunOutcome.SUCCEEDED)
                        .map(run -> new StateChange(
                                run.completion().claim(),
                                run.state(),
                                run.completion().finishedAt()))
                        .toList());
        audit.record(handle, kept.stream().flatMap(run -> run.audit().stream()).toList());
        return completions.complete(handle, completions(kept));
    }

    /**
     * Puts events of an ended run on the trail before its end is on record, where it still holds its lease; else false, and
     * nothing is written.
     */
    boolean writeAhead(Claim claim, List<AuditEntry> events) {
        return jdbi.inTransaction(handle -> {
            boolean held = HeldLeases.lock(handle, List.of(claim)).contains(claim.runId());
            if (held) {
                audit.record(handle, events);
            }
            return held;
        });
    }

    /** How many events that a run's script caused are on the trail: asked where an answer to {@link #writeAhead} was lost. */
    int writtenAhead(Claim claim) {
        return jdbi.inTransaction(handle -> {
            // Waits for the transaction whose answer was lost, should it still be at work
            HeldLeases.lock(handle, List.of(claim));
            return audit.countOfScript(handle, claim.jobId(), claim.runId());
        });
    }

    /** Records lines of runs that go on, where they still hold their lease; returns which these are. */
    Set<UUID> append(List<Lines> going) {
        List<Claim> claims = going.stream().map(Lines::claim).toList();
        return jdbi.inTransaction(handle -> {
            Set<UUID> held = HeldLeases.lockPassingOver(handle, claims);
            writeLogs(
                    handle,
                    going.stream()
                            .filter(run -> held.contains(run.claim().runId()))
                            .toList());
            return held;
        });
    }

    /** The state of a job, key by key, as JSON text. */
    public Map<String, String> state(UUID job) {
        return others.withHandle(handle -> {
            Map<String, String> values = new HashMap<>();
            handle.createQuery("select key, value from job_state where job_id = :job")
                    .bind("job", job)
                    .map((row, context) -> Map.entry(row.getString("key"), row.getString("value")))
                    .forEach(entry -> values.put(entry.getKey(), entry.getValue()));
            return values;
        });
    }

    /** The state of the job of that run, as its script uses it. */
    StateStore state(Claim claim) {
        return new StateStore() {
            @Override
            public Map<String, String> read() {
                return state(claim.jobId());
            }

            @Override
            public boolean write(Map<String, @Nullable String> changes, Instant at) {
                return jdbi.inTransaction(handle -> {
                    boolean held = HeldLeases.lock(handle, List.of(claim)).contains(claim.runId());
                    if (held) {
                        writeState(handle, List.of(new StateChange(claim, changes, at)));
                    }
                    return held;
                });
            }
        };
    }

    private static void writeLogs(Handle handle, List<Lines> logs) {
        List<Lines> kept =
                logs.stream().filter(log -> !log.log().lines().isEmpty()).toList();
        if (kept.isEmpty()) {
            return;
        }
        handle.createUpdate("""
                        insert into run_log (run_id, chunk, lines)
                        select run_id, chunk, lines from unnest(:runIds, :chunks, :lines) as log (run_id, chunk, lines)
                        -- A commit whose answer was lost is repeated, perhaps with more lines
                        on conflict (run_id, chunk) do update set lines = excluded.lines
                        """)
                .bindArray(
                        "runIds",
                        UUID.class,
                        kept.stream().map(log -> (Object) log.claim().runId()).toArray())
                .bindArray(
                        "chunks",
                        Integer.class,
                        kept.stream().map(log -> (Object) log.log().number()).toArray())
                .bindArray(
                        "lines",
                        String.class,
                        kept.stream().map(log -> (Object) log.logJson()).toArray())
                .execute();
    }

    /** What a run makes of its job's state. */
    private record StateChange(Claim claim, Map<String, @Nullable String> changes, Instant at) {}

    private static void writeState(Handle handle, List<StateChange> written) {
        List<UUID> jobs = new ArrayList<>();
        List<UUID> runs = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        List<@Nullable String> values = new ArrayList<>();
        List<OffsetDateTime> times = new ArrayList<>();
        for (StateChange one : written) {
            one.changes().forEach((key, value) -> {
                jobs.add(one.claim().jobId());
                runs.add(one.claim().runId());
                keys.add(key);
                values.add(value);
                times.add(one.at().atOffset(ZoneOffset.UTC));
            });
        }
        if (jobs.isEmpty()) {
            return;
        }
        handle.createUpdate("""
                        with change as (
                            select * from unnest(:jobs, :runs, :keys, :values, :times)
                                as change (job_id, run_id, key, value, at)
                        ), gone as (
                            delete from job_state s using change c
                            where s.job_id = c.job_id and s.key = c.key and c.value is null
                        )
                        insert into job_state (job_id, key, value, updated_at, updated_by_run)
                        select job_id, key, value, at, run_id from change where value is not null
                        on conflict (job_id, key) do update
                        set value = excluded.value, updated_at = excluded.updated_at,
                            updated_by_run = excluded.updated_by_run, updated_by = null
                        """)
                .bindArray("jobs", UUID.class, jobs.toArray())
                .bindArray("runs", UUID.class, runs.toArray())
                .bindArray("keys", String.class, keys.toArray())
                .bindArray("values", String.class, values.toArray())
                .bindArray("times", OffsetDateTime.class, times.toArray())
                .execute();
    }
}
