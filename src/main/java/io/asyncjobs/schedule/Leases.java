package io.asyncjobs.schedule;

import io.asyncjobs.platform.Clock;
import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.platform.UuidV7;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * The right to run a job: won, given back and taken over by single statements, so that no crash leaves half a step.
 *
 * <p>Correctness of the whole scheduler rests on this class and on {@link Completions}: timers only say when to ask.
 */
@Singleton
public class Leases {

    /**
     * Takes the jobs of which exactly one tick is due that may run: nearly all, in nearly every claim. Rows are locked in
     * the order of the arrays, as long as they are looked up by key.
     */
    private static final NamedStatement CLAIM_SINGLE = new NamedStatement("""
            with clock as materialized (
                select clock_timestamp() as at,
                    (select min(started_at) from node where ended_at is null) as up_since
                -- A node that others may take for dead wins nothing: its leases would be ended at once
                where exists (
                    select from node
                    where id = :node and ended_at is null and heartbeat_at >= clock_timestamp() - :leaseDuration)
            ), won as (
                update job_timer t
                set next_tick = t.next_tick + make_interval(secs => t.interval_seconds), epoch = t.epoch + 1,
                    lease_run = a.run_id, lease_node = :node, last_run = a.run_id
                from unnest(:jobIds, :runIds) as a (job_id, run_id)
                    join job j on j.id = a.job_id
                    left join account u on u.id = j.associated_account
                    cross join clock c
                where t.job_id = a.job_id and t.basis is not distinct from j.schedule_changed_at
                    -- One condition on all tables: of its parts the planner would think so much that it read all timers
                    and case when a.run_id is not null then
                        t.lease_run is null and not t.paused and t.blocked is null
                        and t.next_tick <= c.at + :ahead
                        and t.next_tick + make_interval(secs => t.interval_seconds) > c.at + :ahead
                        and t.next_tick >= greatest(c.up_since, c.at - :horizon)
                    end
                returning t.job_id, a.run_id, t.next_tick - make_interval(secs => t.interval_seconds) as tick, t.epoch,
                    j.revision, c.at, u.username as associated_user, case when not u.active then u.username end as inactive_user
            ), started as (
                insert into run (id, job_id, revision, trigger, scheduled_for, started_at, node_id, epoch, associated_user)
                select run_id, job_id, revision, 'timer', tick, greatest(tick, at), :node, epoch, associated_user
                from won
            )
            select job_id, run_id, revision, epoch, tick, inactive_user from won
            """);

    /**
     * Takes what is due of the jobs asked for. The latest tick runs; earlier ones, and all that fell due before any node
     * was there or longer than the horizon ago, become a gap.
     */
    private static final NamedStatement CLAIM = new NamedStatement("""
            with clock as materialized (
                select clock_timestamp() as at,
                    (select min(started_at) from node where ended_at is null) as up_since
                -- A node that others may take for dead wins nothing: its leases would be ended at once
                where exists (
                    select from node
                    where id = :node and ended_at is null and heartbeat_at >= clock_timestamp() - :leaseDuration)
            ), asked as (
                select * from unnest(:jobIds, :runIds) as asked (job_id, run_id)
            ), due as materialized (
                select t.job_id, a.run_id, t.next_tick, t.interval_seconds, t.epoch + 1 as epoch, j.revision,
                    u.username as associated_user, case when not u.active then u.username end as inactive_user,
                    c.at, c.up_since,
                    ticks_until(t.next_tick, t.interval_seconds, c.at + :ahead) as ticks
                from asked a
                    join job_timer t on t.job_id = a.job_id
                    join job j on j.id = a.job_id and t.basis is not distinct from j.schedule_changed_at
                    left join account u on u.id = j.associated_account
                    cross join clock c
                where case when a.run_id is not null then
                        t.lease_run is null and not t.paused and t.blocked is null and t.next_tick <= c.at + :ahead
                        and timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is null
                    end
                for update of t skip locked
            ), latest as materialized (
                select d.*, tick_after(next_tick, interval_seconds, ticks - 1) as tick,
                    tick_after(next_tick, interval_seconds, ticks - 1) >= greatest(up_since, at - :horizon) as runs
                from due d
            ), moved as (
                update job_timer t
                set next_tick = tick_after(l.tick, l.interval_seconds, 1),
                    epoch = case when l.runs then l.epoch else t.epoch end,
                    lease_run = case when l.runs then l.run_id end,
                    lease_node = case when l.runs then :node end,
                    last_run = case when l.runs then l.run_id else t.last_run end
                from latest l
                where t.job_id = l.job_id
            ), started as (
                insert into run (id, job_id, revision, trigger, scheduled_for, started_at, node_id, epoch, associated_user)
                select run_id, job_id, revision, 'timer', tick, greatest(tick, at), :node, epoch, associated_user
                from latest
                where runs
            ), missed as (
                select job_id, next_tick as first_tick, interval_seconds,
                    case when runs then ticks - 1 else ticks end as ticks,
                    case when next_tick < up_since then 'down' else 'stalled' end as reason
                from latest
                where ticks > 1 or not runs
            ),
            """ + TickGaps.RECORD + """
            select job_id, run_id, revision, epoch, tick, inactive_user from latest where runs
            """);

    private static final String CLAIM_NOW = """
            with clock as materialized (
                select clock_timestamp() as at
                where exists (
                    select from node
                    where id = :node and ended_at is null and heartbeat_at >= clock_timestamp() - :leaseDuration)
            ), held as materialized (
                select t.job_id, t.epoch + 1 as epoch, j.revision, u.username as associated_user,
                    case when not u.active then u.username end as inactive_user, c.at
                from job_timer t
                    join job j on j.id = t.job_id and not j.archived
                    left join account u on u.id = j.associated_account
                    cross join clock c
                where t.job_id = :job and t.lease_run is null
                for update of t
            ), moved as (
                update job_timer t
                set epoch = h.epoch, lease_run = :run, lease_node = :node, last_run = :run
                from held h
                where t.job_id = h.job_id
            ), started as (
                insert into run (id, job_id, revision, trigger, scheduled_for, started_at, node_id, epoch, associated_user)
                select :run, job_id, revision, 'manual', at, at, :node, epoch, associated_user from held
            )
            select job_id, revision, epoch, at, inactive_user from held
            """;

    /**
     * Undoes claims. Where the job got another grid or none meanwhile, a tick from before that becomes a gap: it fell due, and
     * the run only waited for a slot.
     */
    private static final String GIVE_BACK = """
            with back as (
                select * from unnest(:jobIds, :runIds, :epochs, :ticks) as back (job_id, run_id, epoch, tick)
            ), held as materialized (
                select t.job_id, b.run_id, b.tick
                from back b
                    join job_timer t on t.job_id = b.job_id
                where t.epoch = b.epoch and t.lease_run = b.run_id
                order by t.job_id
                for update of t skip locked
            ), freed as (
                update job_timer t
                set lease_run = null, lease_node = null,
                    next_tick = case when t.next_tick = tick_after(h.tick, t.interval_seconds, 1) then h.tick
                        else t.next_tick end,
                    last_run = case when t.last_run = h.run_id
                        then (select r.id from run r where r.job_id = t.job_id and r.id < h.run_id order by r.id desc limit 1)
                        else t.last_run end
                from held h
                where t.job_id = h.job_id
                returning t.job_id, h.run_id, h.tick, t.interval_seconds, t.basis,
                    t.next_tick is not distinct from h.tick as restored
            ), gone as (
                delete from run r using freed f where r.id = f.run_id
            ), missed as (
                select job_id, tick as first_tick, interval_seconds, 1 as ticks, 'stalled' as reason
                from freed
                where not restored and tick <= basis
            ),
            """ + TickGaps.RECORD + """
            select run_id from freed
            """;

    /** The database's clock and the node's may differ by so much when the node asks early; never enough to matter. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofMillis(10);

    /**
     * Which of these jobs are due and claimed by nobody. Asked before a claim of jobs that another node asks for first, of which
     * hardly any is due: one look-up a job instead of six. Asked after a claim of jobs that were not won.
     */
    private static final NamedStatement OVERDUE = new NamedStatement("""
            select t.job_id
            from unnest(:jobIds) as a (job_id)
                join job_timer t on t.job_id = a.job_id
            where t.lease_run is null and not t.paused and t.blocked is null
                and t.next_tick <= clock_timestamp() + :ahead
            """);

    /** A claim that met a locked row passes over such rows for so long, which costs a little more. */
    private static final Duration PASS_OVER_LOCKS = Duration.ofSeconds(5);

    /**
     * The result of a claim. Jobs in none of the lists have nothing due, or another node has claimed them.
     *
     * @param refused jobs that the database refuses to claim, each with what it said
     * @param stillDue jobs that were not won although nobody has them, such as one whose row is locked
     * @param open jobs that could not be asked for, to be tried again
     * @param failure why not; null when none are open
     */
    record Answer(
            List<Claim> won,
            Map<UUID, String> refused,
            List<UUID> stillDue,
            List<UUID> open,
            @Nullable RuntimeException failure) {

        Answer {
            won = List.copyOf(won);
            refused = Map.copyOf(refused);
            stillDue = List.copyOf(stillDue);
            open = List.copyOf(open);
        }

        /** Nothing was asked. */
        static Answer nothing() {
            return new Answer(List.of(), Map.of(), List.of(), List.of(), null);
        }

        /** None of these jobs could be asked for. */
        static Answer failed(List<UUID> jobs, RuntimeException failure) {
            return new Answer(List.of(), Map.of(), List.of(), jobs, failure);
        }
    }

    private final Jdbi jdbi;
    private final DataSource database;
    private final Clock clock;
    private final ScheduleConfig config;
    private final Holdings holdings;
    /** A {@link System#nanoTime}. */
    private volatile @Nullable Long passOverLocksUntil;

    public Leases(
            @io.quarkus.agroal.DataSource("schedule") Jdbi jdbi,
            @io.quarkus.agroal.DataSource("schedule") DataSource database,
            Clock clock,
            ScheduleConfig config,
            Holdings holdings) {
        this.jdbi = jdbi;
        this.database = database;
        this.clock = clock;
        this.config = config;
        this.holdings = holdings;
    }

    /**
     * Claims for that node what is due among the jobs, in one statement; in a second one where ticks were missed or a row is
     * locked. What was won stays won when a later statement fails, and one job that the database refuses keeps no other.
     *
     * @param horizon a tick that is older does not run any more, even where it is the latest
     */
    Answer claim(UUID node, List<UUID> jobs, Duration horizon) {
        Claiming claiming = new Claiming(node, horizon);
        claiming.ask(jobs);
        return claiming.answer(jobs);
    }

    private boolean isPassingOverLocks() {
        Long until = passOverLocksUntil;
        return until != null && clock.moment().nanoTime() - until < 0;
    }

    /** Those of the jobs that are due and that nobody has claimed. */
    List<UUID> overdue(List<UUID> jobs) {
        return OVERDUE.query(
                database,
                Map.of("jobIds", jobs.toArray(UUID[]::new), "ahead", config.claimAhead()),
                row -> row.getObject("job_id", UUID.class));
    }

    /** One round of asking, as it goes on. */
    private final class Claiming {

        private final UUID node;
        private final Duration horizon;
        private final List<Claim> won = new ArrayList<>();
        private final Map<UUID, String> refused = new HashMap<>();
        private final List<UUID> open = new ArrayList<>();
        private @Nullable RuntimeException failure;

        Claiming(UUID node, Duration horizon) {
            this.node = node;
            this.horizon = horizon;
        }

        void ask(List<UUID> jobs) {
            if (!isPassingOverLocks()) {
                try {
                    ask(CLAIM_SINGLE, jobs);
                } catch (IllegalStateException e) {
                    if (DatabaseFaults.isOfWaiting(e)) {
                        passOverLocksUntil = clock.moment().nanoTime() + PASS_OVER_LOCKS.toNanos();
                    } else if (!DatabaseFaults.isOfTheData(e)) {
                        leaveOpen(jobs, e);
                        return;
                    }
                }
            }
            List<UUID> rest = unsettled(jobs);
            if (!rest.isEmpty()) {
                askApart(rest);
            }
        }

        /** Asks passing over locked rows, and again by halves where the database refuses one of them. */
        void askApart(List<UUID> jobs) {
            try {
                ask(CLAIM, jobs);
            } catch (IllegalStateException e) {
                if (!DatabaseFaults.isOfTheData(e)) {
                    // Where a whole table is locked, the other statement may get on without it
                    passOverLocksUntil = null;
                    leaveOpen(jobs, e);
                } else if (jobs.size() == 1) {
                    refused.put(jobs.getFirst(), DatabaseFaults.reason(e));
                } else {
                    askApart(jobs.subList(0, jobs.size() / 2));
                    askApart(jobs.subList(jobs.size() / 2, jobs.size()));
                }
            }
        }

        void ask(NamedStatement statement, List<UUID> jobs) {
            Instant now = clock.now();
            UUID[] sorted = jobs.toArray(UUID[]::new);
            Arrays.sort(sorted, RowArrays.LOCK_ORDER);
            UUID[] runs = new UUID[sorted.length];
            for (int i = 0; i < runs.length; i++) {
                runs[i] = UuidV7.at(now);
            }
            List<UUID> asked = Arrays.asList(runs);
            holdings.asking(asked);
            List<Claim> claims;
            try {
                claims = statement.query(
                        database,
                        Map.of(
                                "jobIds", sorted,
                                "runIds", runs,
                                "node", node,
                                "ahead", config.claimAhead().plus(CLOCK_TOLERANCE),
                                "horizon", horizon,
                                "leaseDuration", config.leaseDuration()),
                        row -> new Claim(
                                row.getObject("run_id", UUID.class),
                                row.getObject("job_id", UUID.class),
                                row.getInt("revision"),
                                row.getLong("epoch"),
                                RunTrigger.TIMER,
                                row.getObject("tick", OffsetDateTime.class).toInstant(),
                                row.getString("inactive_user")));
            } catch (RuntimeException | Error e) {
                holdings.loseTrack(asked);
                throw e;
            }
            Set<UUID> notWon = new HashSet<>(asked);
            claims.forEach(claim -> notWon.remove(claim.runId()));
            holdings.forget(notWon);
            won.addAll(claims);
        }

        void leaveOpen(List<UUID> jobs, RuntimeException e) {
            open.addAll(jobs);
            failure = e;
        }

        private List<UUID> unsettled(List<UUID> jobs) {
            if (won.size() + refused.size() + open.size() == jobs.size()) {
                // Nearly always
                return List.of();
            }
            Set<UUID> settled = new HashSet<>(open);
            settled.addAll(refused.keySet());
            won.forEach(claim -> settled.add(claim.jobId()));
            return jobs.stream().filter(job -> !settled.contains(job)).toList();
        }

        Answer answer(List<UUID> jobs) {
            List<UUID> rest = unsettled(jobs);
            List<UUID> stillDue = List.of();
            if (!rest.isEmpty()) {
                try {
                    stillDue = overdue(rest);
                } catch (IllegalStateException e) {
                    leaveOpen(rest, e);
                }
            }
            return new Answer(won, refused, stillDue, open, failure);
        }
    }

    /**
     * Gives back claims of runs that never started, as if they had never been won; the tick is due again where the job's
     * grid is still the same. Epochs stay, so that nothing can be written for these runs any more. Returns those that are
     * still held, since somebody has their rows locked.
     */
    List<Claim> giveBack(List<Claim> claims) {
        return jdbi.withHandle(handle -> {
            Set<UUID> back = new HashSet<>(bound(handle.createQuery(GIVE_BACK), claims)
                    .bindArray("ticks", OffsetDateTime.class, (Object[]) RowArrays.column(
                            claims, OffsetDateTime.class, claim -> RowArrays.utc(claim.scheduledFor())))
                    .mapTo(UUID.class)
                    .list());
            List<Claim> rest = claims.stream()
                    .filter(claim -> !back.contains(claim.runId()))
                    .toList();
            Set<UUID> held = rest.isEmpty() ? Set.of() : held(handle, rest, "");
            holdings.forget(claims.stream()
                    .map(Claim::runId)
                    .filter(run -> !held.contains(run))
                    .toList());
            return rest.stream().filter(claim -> held.contains(claim.runId())).toList();
        });
    }

    /** Claims a run by hand, whatever the time; empty while the job is running, and for an archived or unknown job. */
    Optional<Claim> claimNow(UUID node, UUID job) {
        return claimNow(node, job, (handle, claim) -> {});
    }

    /** As {@link #claimNow(UUID, UUID)}, with something to be done in the same transaction when the run was won. */
    Optional<Claim> claimNow(UUID node, UUID job, BiConsumer<Handle, Claim> together) {
        UUID run = UuidV7.at(clock.now());
        holdings.asking(List.of(run));
        try {
            Optional<Claim> won = jdbi.inTransaction(handle -> {
                Optional<Claim> claim = claimNow(handle, node, job, run);
                claim.ifPresent(fresh -> together.accept(handle, fresh));
                return claim;
            });
            if (won.isEmpty()) {
                holdings.forget(List.of(run));
            }
            return won;
        } catch (RuntimeException | Error e) {
            holdings.loseTrack(List.of(run));
            throw e;
        }
    }

    private Optional<Claim> claimNow(Handle handle, UUID node, UUID job, UUID run) {
        return handle.createQuery(CLAIM_NOW)
                .bind("job", job)
                .bind("run", run)
                .bind("node", node)
                .bind("leaseDuration", config.leaseDuration())
                .map((row, context) -> new Claim(
                        run,
                        job,
                        row.getInt("revision"),
                        row.getLong("epoch"),
                        RunTrigger.MANUAL,
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("inactive_user")))
                .findOne();
    }

    /**
     * Locks the leases of these runs until the transaction ends and tells which are still held; what the others wrote or
     * want to write no longer counts.
     */
    public Set<UUID> lockHeld(Handle handle, List<Claim> claims) {
        return held(handle, claims, "for update of t");
    }

    /** As {@link #lockHeld}, passing over those whose rows somebody has locked. */
    public Set<UUID> lockHeldPassingOver(Handle handle, List<Claim> claims) {
        return held(handle, claims, "for update of t skip locked");
    }

    /** Which of these runs still hold their job's lease. */
    public Set<UUID> held(Handle handle, List<Claim> claims) {
        return held(handle, claims, "");
    }

    private static Set<UUID> held(Handle handle, List<Claim> claims, String locking) {
        return new HashSet<>(bound(handle.createQuery("""
                        select c.run_id
                        from unnest(:jobIds, :runIds, :epochs) as c (job_id, run_id, epoch)
                            join job_timer t on t.job_id = c.job_id
                        where t.epoch = c.epoch and t.lease_run = c.run_id
                        order by t.job_id
                        """ + locking), claims)
                .mapTo(UUID.class)
                .list());
    }

    private static Query bound(Query query, List<Claim> claims) {
        return query.bindArray("jobIds", UUID.class, (Object[]) RowArrays.column(claims, UUID.class, Claim::jobId))
                .bindArray("runIds", UUID.class, (Object[]) RowArrays.column(claims, UUID.class, Claim::runId))
                .bindArray("epochs", Long.class, (Object[]) RowArrays.column(claims, Long.class, Claim::epoch));
    }

    /** Whether this node may start that run now; false once its heartbeat was late since the claim. */
    boolean mayStart(Claim claim) {
        return holdings.mayAct(claim.runId());
    }

    /** Whether that run still holds its job's lease. */
    public boolean isHeld(Claim claim) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select exists (
                            select from job_timer where job_id = :job and lease_run = :run and epoch = :epoch)
                        """)
                .bind("job", claim.jobId())
                .bind("run", claim.runId())
                .bind("epoch", claim.epoch())
                .mapTo(Boolean.class)
                .one());
    }
}
