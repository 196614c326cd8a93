package io.asyncjobs.run.retention;

import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/**
 * Keeps the history's partitions made ahead, so that old ones can be dropped whole: half a day each, or an hour where runs
 * come fast.
 */
@Singleton
class RunPartitions {

    private static final Logger LOG = Logger.getLogger(RunPartitions.class);
    private static final Duration AHEAD = Duration.ofHours(2);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration HALF_DAY = Duration.ofHours(12);

    /** What lies so far ahead nobody writes to yet. */
    private static final Duration UNTOUCHED = Duration.ofMinutes(10);

    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd't'HH").withZone(ZoneOffset.UTC);

    /** With what it and its log take by now. */
    private record Partition(String name, Instant since, Instant until, long bytes) {

        static Partition of(ResultSet row) throws SQLException {
            return new Partition(
                    row.getString("name"),
                    row.getObject("since", OffsetDateTime.class).toInstant(),
                    row.getObject("until", OffsetDateTime.class).toInstant(),
                    row.getLong("bytes"));
        }
    }

    private final HistoryConnections connections;
    private final HistoryConfig config;

    RunPartitions(HistoryConnections connections, HistoryConfig config) {
        this.connections = connections;
        this.config = config;
    }

    /**
     * Makes what is missing until two hours from now. Each partition is a transaction of its own, which waits a moment at
     * most for those who use the others; where they are slow it is left to the next time.
     */
    void make(Instant now) {
        try {
            boolean more = true;
            while (more) {
                more = connections.inTransaction(handle -> makeNext(handle, now));
            }
        } catch (UnableToExecuteStatementException e) {
            if (!HistoryConnections.isLockTimeout(e)) {
                throw e;
            }
            LOG.info("Partitions are in use; the next ones are made later");
        }
    }

    private boolean makeNext(Handle handle, Instant now) {
        // One node at a time; the others find the partition made
        handle.execute("select pg_advisory_xact_lock(hashtext('make_history_partition'))");
        handle.execute("set local lock_timeout = '40ms'");
        List<Partition> latestFirst =
                handle.createQuery("""
                        select name, since, until,
                            pg_total_relation_size('run_' || name) + pg_total_relation_size('run_log_' || name) as bytes
                        from history_partition
                        where not retired
                        order by since desc
                        limit 10
                        """).map((row, context) -> Partition.of(row)).list();
        boolean fast = latestFirst.stream()
                .filter(partition -> !partition.since().isAfter(now))
                .findFirst()
                .filter(current -> comeFast(current, now))
                .isPresent();
        Optional<Partition> last = latestFirst.stream().findFirst();
        if (fast && last.isPresent() && isCoarseAndAhead(last.get(), now)) {
            return giveUp(handle, last.get());
        }
        if (last.isPresent() && last.get().until().isAfter(now.plus(AHEAD))) {
            return false;
        }
        Instant since = last.map(Partition::until).orElse(floor(now, HOUR));
        // One for all the time in which no node was up
        Instant from = since.isBefore(now) ? now : since;
        Duration span = fast ? HOUR : HALF_DAY;
        handle.createQuery("select make_history_partition(:name, :since, :until)::text")
                .bind("name", NAME.format(since))
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("until", floor(from, span).plus(span).atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .one();
        return true;
    }

    private static boolean isCoarseAndAhead(Partition partition, Instant now) {
        return partition.since().isAfter(now.plus(UNTOUCHED))
                && Duration.between(partition.since(), partition.until()).compareTo(HOUR) > 0;
    }

    /** Takes back what was made before runs came fast; it must be empty. */
    private static boolean giveUp(Handle handle, Partition coarse) {
        String run = "run_" + coarse.name();
        String log = "run_log_" + coarse.name();
        handle.execute("lock table only run, only run_log, run_default, run_log_default, " + run + ", " + log
                + " in access exclusive mode");
        boolean used = handle.createQuery("select exists (select from " + run + ") or exists (select from " + log + ")")
                .mapTo(Boolean.class)
                .one();
        if (!used) {
            handle.execute("drop table " + run + ", " + log);
            handle.execute("delete from history_partition where name = ?", coarse.name());
        }
        return !used;
    }

    private boolean comeFast(Partition current, Instant now) {
        double hours = Math.max(1, Duration.between(current.since(), now).toSeconds() / 3_600.0);
        return current.bytes() / hours
                > config.partitions().hourlyFrom().asBigInteger().doubleValue();
    }

    private static Instant floor(Instant at, Duration span) {
        long seconds = span.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), seconds) * seconds);
    }
}
