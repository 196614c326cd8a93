package io.asyncjobs.run;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Keeps the history's partitions made ahead, so that old ones can be dropped whole. */
@Singleton
class RunPartitions {

    private static final Duration AHEAD = Duration.ofHours(2);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration HALF_DAY = Duration.ofHours(12);
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd't'HH").withZone(ZoneOffset.UTC);

    /** The newest partition, and what it and its log take by now. */
    private record Newest(String name, Instant since, Instant until, long bytes) {}

    private final HistoryConnections connections;
    private final HistoryConfig config;

    RunPartitions(HistoryConnections connections, HistoryConfig config) {
        this.connections = connections;
        this.config = config;
    }

    /**
     * Makes what is missing until two hours from now. Each partition is a transaction of its own, which waits a moment at
     * most for those who use the default one: it fails where they are slow.
     */
    void make(Instant now) {
        boolean more = true;
        while (more) {
            more = connections.inTransaction(handle -> makeNext(handle, now));
        }
    }

    private boolean makeNext(Handle handle, Instant now) {
        handle.execute("set local lock_timeout = '200ms'");
        // One node at a time; the others find the partition made
        handle.execute("select pg_advisory_xact_lock(hashtext('make_history_partition'))");
        Newest newest = newest(handle, now);
        if (newest != null && newest.until().isAfter(now.plus(AHEAD))) {
            return false;
        }
        Instant since = newest == null ? floor(now, HOUR) : newest.until();
        // One for all the time in which no node was up
        Instant from = since.isBefore(now) ? now : since;
        Duration span = newest != null && comeFast(newest, now) ? HOUR : HALF_DAY;
        Instant until = floor(from, span).plus(span);
        handle.createQuery("select make_history_partition(:name, :since, :until)::text")
                .bind("name", NAME.format(since))
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("until", until.atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .one();
        return true;
    }

    private static @Nullable Newest newest(Handle handle, Instant now) {
        // Where the newest one lies ahead, the one before it tells how fast runs come
        return handle.createQuery("""
                        select p.name, p.since, max(p.until) over () as until,
                            pg_total_relation_size('run_' || p.name) + pg_total_relation_size('run_log_' || p.name) as bytes
                        from history_partition p
                        where not p.retired
                        order by p.since <= :now desc, p.since desc
                        limit 1
                        """)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .map((row, context) -> new Newest(
                        row.getString("name"),
                        row.getObject("since", OffsetDateTime.class).toInstant(),
                        row.getObject("until", OffsetDateTime.class).toInstant(),
                        row.getLong("bytes")))
                .findOne()
                .orElse(null);
    }

    private boolean comeFast(Newest newest, Instant now) {
        double hours = Math.max(1, Duration.between(newest.since(), now).toSeconds() / 3_600.0);
        return newest.bytes() / hours
                > config.partitions().hourlyFrom().asBigInteger().doubleValue();
    }

    private static Instant floor(Instant at, Duration span) {
        long seconds = span.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), seconds) * seconds);
    }
}
