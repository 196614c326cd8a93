package io.asyncjobs.schedule;

import io.asyncjobs.platform.Clock;
import io.asyncjobs.platform.DatabaseFaults;
import io.quarkus.agroal.DataSource;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Ends the leases whose run nobody carries on: those of nodes that are not alive, whoever declared them dead, and those that
 * the database says are this node's while this node knows nothing of them.
 *
 * <p>A row that somebody has locked is passed over; the next look finds it again. Called by one thread at a time.
 */
@Singleton
class LostLeases {

    private static final Logger LOG = Logger.getLogger(LostLeases.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(4);

    /** Declares nodes without a heartbeat dead. One whose row is locked counts as dead all the same, by its old heartbeat. */
    private static final NamedStatement DECLARE_DEAD = new NamedStatement("""
            with dead as (
                select id from node
                where ended_at is null and heartbeat_at < clock_timestamp() - :leaseDuration
                for update skip locked
            )
            update node n
            set ended_at = clock_timestamp(), end_reason = 'lost'
            from dead d
            where n.id = d.id
            returning n.id
            """);

    /** Reads the leases in one go: no index may hold what each claim changes. */
    private static final NamedStatement FIND = new NamedStatement("""
            select t.job_id, t.lease_run, t.epoch, t.lease_node = :self as own
            from job_timer t
            where t.lease_run is not null
                and (t.lease_node = :self
                    or not exists (
                        select from node n
                        where n.id = t.lease_node and n.ended_at is null
                            and n.heartbeat_at >= clock_timestamp() - :leaseDuration))
            """);

    /** Claimed ahead of its tick and perhaps never started, a run does not count as one. */
    private static final String STARTED_AS_KNOWN =
            "case when h.started and r.scheduled_for <= h.known_until then r.started_at end";

    /**
     * Ends leases as they were found. Ticks up to the last heartbeat of a dead node were kept from running by the run, later
     * ones by the node's death; the ticks of a live node's lost run by that run.
     */
    private static final NamedStatement END = new NamedStatement("""
            with clock as materialized (
                select clock_timestamp() as at
            ), lost as (
                select * from unnest(:jobIds, :runIds, :epochs, :started, :messages)
                    as lost (job_id, run_id, epoch, started, message)
            ), held as materialized (
                select t.job_id, l.run_id, t.next_tick, t.interval_seconds, l.started,
                    c.at as finished_at, 'lost' as outcome, null as result, null as effects, false as log_truncated,
                    json_build_object('message', coalesce(l.message,
                            format('The node %s that ran this script ended or lost contact with the database.', n.name)),
                        'line', null, 'column', null, 'stack', null)::text as error,
                    case when l.message is null then coalesce(n.heartbeat_at, '-infinity') else c.at end as known_until,
                    case when t.next_tick is null or t.paused
                            or timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is not null then 0
                        else ticks_until(t.next_tick, t.interval_seconds, c.at) end as ticks,
                    case when t.next_tick is null or t.paused
                            or timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is not null then 0
                        else ticks_until(t.next_tick, t.interval_seconds,
                            case when l.message is null then coalesce(n.heartbeat_at, t.next_tick - interval '1 day')
                                else c.at end) end as overlapped
                from lost l
                    cross join clock c
                    join job_timer t on t.job_id = l.job_id
                    left join node n on n.id = t.lease_node
                where t.epoch = l.epoch and t.lease_run = l.run_id
                order by t.job_id
                for update of t skip locked
            ), freed as (
                update job_timer t
                set lease_run = null, lease_node = null, epoch = t.epoch + 1,
                    next_tick = case when h.ticks = 0 then t.next_tick
                        else tick_after(h.next_tick, h.interval_seconds, h.ticks) end,
                    """ + RunEnds.HEALTH + """

                from held h
                where t.job_id = h.job_id
            ),
            """
            + RunEnds.record(STARTED_AS_KNOWN) + """
            , missed as (
                select job_id, next_tick as first_tick, interval_seconds, overlapped as ticks, 'overlap' as reason
                from held
                where overlapped > 0
                union all
                select job_id, tick_after(next_tick, interval_seconds, overlapped), interval_seconds, ticks - overlapped,
                    'down'
                from held
                where ticks > overlapped
            ),
            """ + TickGaps.RECORD + """
            select h.job_id, h.run_id, h.finished_at,
            """ + TickGaps.COLUMNS + """

            from held h
                left join missed m on m.job_id = h.job_id
            """);

    /** Frees a lease and nothing else, where its ticks cannot be accounted for; the timer is set aside. */
    private static final NamedStatement END_BARELY =
            new NamedStatement("""
            with held as (
                update job_timer t
                set lease_run = null, lease_node = null, epoch = t.epoch + 1,
                    blocked = coalesce(t.blocked, :reason), blocked_at = coalesce(t.blocked_at, clock_timestamp()),
                    """ + RunEnds.HEALTH + """

                from (select :run::uuid as run_id, clock_timestamp() as finished_at, 'lost' as outcome) h
                where t.job_id = :job and t.lease_run = :run
                returning t.job_id, h.run_id, h.finished_at, h.outcome,
                    null as result, null as error, null as effects, false as log_truncated
            ),
            """ + RunEnds.record(RunEnds.STARTED_AS_CLAIMED) + """
            select job_id, run_id, finished_at from held
            """);

    /** Why a run of a live node was lost. */
    private static final String NOT_KNOWN =
            "The node that claimed this run never learnt of it: the database's answer was lost.";

    private static final String DROPPED = "The end of this run could not be put on record.";

    private record Lost(UUID job, UUID run, long epoch, boolean own) {

        static Lost of(ResultSet row) throws SQLException {
            return new Lost(
                    row.getObject("job_id", UUID.class),
                    row.getObject("lease_run", UUID.class),
                    row.getLong("epoch"),
                    row.getBoolean("own"));
        }
    }

    private final javax.sql.DataSource database;
    private final Nodes nodes;
    private final Holdings holdings;
    private final ScheduleConfig config;
    private final Clock clock;
    private final RunEvents events;
    private volatile long lookedAt;

    LostLeases(
            @DataSource("schedule") javax.sql.DataSource database,
            Nodes nodes,
            Holdings holdings,
            ScheduleConfig config,
            Clock clock,
            RunEvents events) {
        this.events = events;
        this.database = database;
        this.nodes = nodes;
        this.holdings = holdings;
        this.config = config;
        this.clock = clock;
        this.lookedAt = clock.elapsedNanos() - LOOK_EVERY.toNanos();
    }

    /** Whether it is time to look. */
    boolean isDue() {
        return holdings.isInDoubt() || clock.elapsedNanos() - lookedAt >= LOOK_EVERY.toNanos();
    }

    /**
     * Looks, and ends what is lost. Returns the jobs that are free again.
     *
     * @throws IllegalStateException when the database cannot be asked; the next look finds the same
     */
    Set<UUID> end() {
        holdings.takeDoubt();
        lookedAt = clock.elapsedNanos();
        DECLARE_DEAD.query(
                database, Map.of("leaseDuration", config.leaseDuration()), row -> row.getObject(1, UUID.class));
        List<Lost> lost =
                FIND
                        .query(database, Map.of("self", nodes.id(), "leaseDuration", config.leaseDuration()), Lost::of)
                        .stream()
                        .filter(lease -> !lease.own || !holdings.holds(lease.run))
                        .toList();
        if (lost.isEmpty()) {
            return Set.of();
        }
        Set<UUID> freed = new HashSet<>();
        end(lost, freed);
        if (!freed.isEmpty()) {
            LOG.warnf("%d leases were ended whose runs nobody carried on", freed.size());
        }
        return freed;
    }

    /** One lease that cannot be ended keeps no other. */
    private void end(List<Lost> lost, Set<UUID> freed) {
        try {
            List<RunEvent> gaps = new ArrayList<>();
            // A job with two gaps has two rows
            Set<RunEvent.Ended> ended = new LinkedHashSet<>(END.query(database, values(lost), row -> {
                TickGaps.read(row).ifPresent(gaps::add);
                return ended(row);
            }));
            holdings.forget(lost.stream().map(Lost::run).toList());
            tell(ended, freed);
            events.tell(gaps);
        } catch (IllegalStateException e) {
            if (!DatabaseFaults.isOfTheData(e)) {
                throw e;
            }
            if (lost.size() > 1) {
                end(lost.subList(0, lost.size() / 2), freed);
                end(lost.subList(lost.size() / 2, lost.size()), freed);
                return;
            }
            Lost one = lost.getFirst();
            LOG.errorf(e, "Job %s is blocked: its lease cannot be ended with its ticks accounted for", one.job);
            tell(
                    END_BARELY.query(
                            database,
                            Map.of("job", one.job, "run", one.run, "reason", DatabaseFaults.reason(e)),
                            LostLeases::ended),
                    freed);
        }
    }

    private static RunEvent.Ended ended(ResultSet row) throws SQLException {
        return new RunEvent.Ended(
                row.getObject("job_id", UUID.class),
                row.getObject("run_id", UUID.class),
                RunOutcome.LOST,
                row.getObject("finished_at", OffsetDateTime.class).toInstant());
    }

    private void tell(Collection<RunEvent.Ended> ended, Set<UUID> freed) {
        ended.forEach(run -> freed.add(run.jobId()));
        events.tell(List.copyOf(ended));
    }

    private Map<String, Object> values(List<Lost> lost) {
        int size = lost.size();
        UUID[] jobs = new UUID[size];
        UUID[] runs = new UUID[size];
        Long[] epochs = new Long[size];
        Boolean[] started = new Boolean[size];
        @Nullable String[] messages = new String[size];
        for (int i = 0; i < size; i++) {
            Lost one = lost.get(i);
            jobs[i] = one.job;
            runs[i] = one.run;
            epochs[i] = one.epoch;
            started[i] = !one.own || holdings.mayHaveStarted(one.run);
            messages[i] = !one.own ? null : holdings.mayHaveStarted(one.run) ? DROPPED : NOT_KNOWN;
        }
        return Map.of("jobIds", jobs, "runIds", runs, "epochs", epochs, "started", started, "messages", messages);
    }
}
