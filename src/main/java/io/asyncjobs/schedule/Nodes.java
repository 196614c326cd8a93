package io.asyncjobs.schedule;

import io.asyncjobs.platform.Clock;
import io.asyncjobs.platform.UuidV7;
import jakarta.inject.Singleton;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This process among the nodes of the cluster: its row, its heartbeat, and who else lives.
 *
 * <p>A node that was taken for dead never comes back under its old id: it registers anew, and what its old self still
 * writes is refused.
 */
@Singleton
public class Nodes {

    private static final Logger LOG = Logger.getLogger(Nodes.class);

    /** An answer that takes longer is not waited for: another connection may get one before the fence closes. */
    private static final int PATIENCE_MILLIS = 1_500;

    private static final NamedStatement RENEW = new NamedStatement("""
            with renewed as (
                update node set heartbeat_at = clock_timestamp(), workers = :workers
                where id = :id and ended_at is null
                returning id
            )
            select clock_timestamp() as at,
                exists (select from renewed) as renewed,
                array(select id from node where ended_at is null and leaving_at is null order by id) as live,
                exists (
                    select from node where ended_at is null and heartbeat_at < clock_timestamp() - :leaseDuration
                        and id <> :id) as node_died,
                -- The ends of two indexes; a search for rows before or after some time may well read the table
                coalesce((select min(paused_until) from job) <= clock_timestamp(), false) as pause_over,
                coalesce((select max(schedule_changed_at) from job) >= clock_timestamp() - :overlap, false) as jobs_changed,
                exists (select from run_cancellation) as cancellations
            """);

    private static final NamedStatement REGISTER = new NamedStatement("""
            insert into node (id, name, started_at, heartbeat_at)
            values (:id, :name, clock_timestamp(), clock_timestamp())
            -- Asked once more where the first answer was lost
            on conflict (id) do update set heartbeat_at = excluded.heartbeat_at
            returning array(select id from node where ended_at is null and leaving_at is null) as live
            """);

    private static final NamedStatement LEAVING = new NamedStatement("""
            update node set leaving_at = clock_timestamp() where id = :id and ended_at is null returning id
            """);

    private static final NamedStatement LEAVE = new NamedStatement("""
            update node set ended_at = clock_timestamp(), end_reason = 'stopped'
            where id = :id and ended_at is null
            returning id
            """);

    private final DataSource database;
    private final Clock clock;
    private final ScheduleConfig config;
    private final Fence fence;
    private final String name =
            hostName() + "-" + ManagementFactory.getRuntimeMXBean().getPid();
    private volatile @Nullable UUID id;
    private volatile List<UUID> live = List.of();

    public Nodes(
            @io.quarkus.agroal.DataSource("heartbeat") DataSource database,
            Clock clock,
            ScheduleConfig config,
            Fence fence) {
        this.config = config;
        this.fence = fence;
        this.database = database;
        this.clock = clock;
    }

    /** Enters this process as a new node. */
    void register() {
        long asked = clock.elapsedNanos();
        UUID fresh = UuidV7.at(clock.now());
        live = ask(connection -> REGISTER.query(
                        connection,
                        Map.of("id", fresh, "name", name),
                        row -> List.of((UUID[]) row.getArray("live").getArray())))
                .getFirst();
        fence.joined(asked);
        id = fresh;
        LOG.infof("This is node %s (%s)", name, fresh);
    }

    /**
     * Renews the heartbeat and the clock, and looks what there is to do.
     *
     * @param workersJson what the node's workers are, as JSON
     */
    Beat renew(String workersJson) {
        UUID self = id();
        return ask(connection -> {
            long sent = clock.moment().nanoTime();
            long elapsed = clock.elapsedNanos();
            Beat beat = RENEW.query(
                            connection,
                            Map.of(
                                    "id",
                                    self,
                                    "workers",
                                    workersJson,
                                    "leaseDuration",
                                    config.leaseDuration(),
                                    "overlap",
                                    Reconciler.OVERLAP),
                            row -> new Beat(
                                    row.getObject("at", OffsetDateTime.class).toInstant(),
                                    row.getBoolean("renewed"),
                                    List.of((UUID[]) row.getArray("live").getArray()),
                                    row.getBoolean("node_died"),
                                    row.getBoolean("pause_over"),
                                    row.getBoolean("jobs_changed"),
                                    row.getBoolean("cancellations")))
                    .getFirst();
            if (beat.renewed()) {
                clock.observe(beat.at(), sent, clock.moment().nanoTime());
                fence.renewed(elapsed);
                live = beat.live();
            }
            return beat;
        });
    }

    /** Asks on the connection that is kept for this; once more on another one where that one does not answer. */
    private <T> T ask(Function<Connection, T> question) {
        try {
            return askOnce(question);
        } catch (IllegalStateException e) {
            LOG.debugf(e, "The heartbeat's connection does not answer; another one is tried");
            return askOnce(question);
        }
    }

    private <T> T askOnce(Function<Connection, T> question) {
        try (Connection connection = database.getConnection()) {
            connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
            return question.apply(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("The database cannot be asked: " + e.getMessage(), e);
        }
    }

    /** Tells the others to take this node's ticks; what it runs goes on. */
    void announceLeaving() {
        ask(connection -> LEAVING.query(connection, Map.of("id", id()), row -> row.getObject("id", UUID.class)));
    }

    /** Leaves the cluster in order, with nothing held. */
    void leave() {
        ask(connection -> LEAVE.query(connection, Map.of("id", id()), row -> row.getObject("id", UUID.class)));
    }

    /** This node's id; changes when the node had to register anew. */
    public UUID id() {
        UUID known = id;
        if (known == null) {
            throw new IllegalStateException("This node is not registered yet");
        }
        return known;
    }

    /** How long ago the last successful renewal was asked for. */
    Duration sinceRenewal() {
        return fence.sinceRenewal();
    }

    /** Whether the heartbeat is so late that this node may not act. */
    boolean isFenced() {
        return fence.sinceRenewal().compareTo(config.fenceAfter()) > 0;
    }

    /** Whether this node is the one that tries a job's ticks first: the highest of one hash per live node wins. */
    boolean prefers(UUID job) {
        return prefers(id, live, job);
    }

    /** As {@link #prefers(UUID)}, of that node among those. */
    static boolean prefers(@Nullable UUID self, List<UUID> live, UUID job) {
        long best = Long.MIN_VALUE;
        UUID preferred = self;
        for (UUID node : live) {
            long weight = mix(node.getLeastSignificantBits()
                    ^ mix(job.getMostSignificantBits() ^ mix(job.getLeastSignificantBits())));
            if (weight > best) {
                best = weight;
                preferred = node;
            }
        }
        return preferred == null || preferred.equals(self);
    }

    /** The finaliser of SplitMix64: every bit of the input reaches every bit of the output. */
    private static long mix(long bits) {
        long z = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "node";
        }
    }
}
