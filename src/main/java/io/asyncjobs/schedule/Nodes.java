package io.asyncjobs.schedule;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.UuidV7;
import jakarta.inject.Singleton;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
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

    private static final NamedStatement RENEW = new NamedStatement("""
            with renewed as (
                update node set heartbeat_at = clock_timestamp(), workers = :workers
                where id = :id and ended_at is null
                returning id
            )
            select clock_timestamp() as at,
                exists (select from renewed) as renewed,
                array(select id from node where ended_at is null order by id) as live,
                exists (
                    select from node where ended_at is null and heartbeat_at < clock_timestamp() - :leaseDuration
                        and id <> :id) as node_died,
                -- The ends of two indexes; a search for rows before or after some time may well read the table
                coalesce((select min(paused_until) from job) <= clock_timestamp(), false) as pause_over,
                coalesce((select max(schedule_changed_at) from job) >= clock_timestamp() - :overlap, false) as jobs_changed,
                exists (select from run_cancellation) as cancellations
            """);

    private final Jdbi jdbi;
    private final DataSource database;
    private final DatabaseClock clock;
    private final ScheduleConfig config;
    private final String name =
            hostName() + "-" + ManagementFactory.getRuntimeMXBean().getPid();
    private volatile @Nullable UUID id;
    private volatile List<UUID> live = List.of();
    private volatile long renewedNanoTime = System.nanoTime();

    public Nodes(
            Jdbi jdbi,
            @io.quarkus.agroal.DataSource("schedule") DataSource database,
            DatabaseClock clock,
            ScheduleConfig config) {
        this.config = config;
        this.jdbi = jdbi;
        this.database = database;
        this.clock = clock;
    }

    /** Enters this process as a new node. */
    void register() {
        long asked = System.nanoTime();
        UUID fresh = UuidV7.at(clock.now());
        jdbi.useHandle(handle ->
                handle.createUpdate("""
                        insert into node (id, name, started_at, heartbeat_at)
                        values (:id, :name, clock_timestamp(), clock_timestamp())
                        """).bind("id", fresh).bind("name", name).execute());
        id = fresh;
        renewedNanoTime = asked;
        refreshLive();
        LOG.infof("This is node %s (%s)", name, fresh);
    }

    /**
     * Renews the heartbeat and the clock, and looks what there is to do.
     *
     * @param workersJson what the node's workers are, as JSON
     */
    Beat renew(String workersJson) {
        long sent = System.nanoTime();
        Beat beat = RENEW.query(
                        database,
                        Map.of(
                                "id",
                                id(),
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
            clock.observe(beat.at(), sent, System.nanoTime());
            renewedNanoTime = sent;
            live = beat.live();
        }
        return beat;
    }

    /** Leaves the cluster in order, with nothing held. */
    void leave() {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update node set ended_at = clock_timestamp(), end_reason = 'stopped'
                        where id = :id and ended_at is null
                        """).bind("id", id()).execute());
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
        return Duration.ofNanos(System.nanoTime() - renewedNanoTime);
    }

    /** Whether this node is the one that tries a job's ticks first: the highest of one hash per live node wins. */
    boolean prefers(UUID job) {
        UUID self = id;
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

    private void refreshLive() {
        live = jdbi.withHandle(handle -> handle.createQuery("select id from node where ended_at is null order by id")
                .mapTo(UUID.class)
                .list());
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
