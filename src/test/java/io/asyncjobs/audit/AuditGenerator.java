package io.asyncjobs.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/**
 * Fills the trail of a stopped or idle service with genuine events, for measurements: {@code AuditGenerator DATA COUNT}, DATA
 * being the folder of a service that runs with its own database. Half of a million a minute or more, by COPY, without the
 * indexes, which are made anew at the end.
 */
final class AuditGenerator {

    private static final int SECONDS_BETWEEN = 3;
    private static final String[] ACTORS = {"edc-sync", "safety-feed", "lab-import", "ada", "ben"};

    private AuditGenerator() {}

    public static void main(String... arguments) throws IOException, SQLException {
        Path data = Path.of(arguments[0]);
        long count = Long.parseLong(arguments[1]);
        AuditSeals seals = AuditSeals.of(
                List.of(Files.readString(data.resolve("audit.key")).strip()), Optional.empty());
        String port = Files.readAllLines(data.resolve("postgres/cluster/postmaster.pid"))
                .get(3);
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/asyncjobs",
                        "asyncjobs",
                        Files.readString(data.resolve("database.password")).strip());
                Statement sql = connection.createStatement()) {
            connection.setAutoCommit(false);
            sql.execute("select pg_advisory_xact_lock(" + 0x41554449 + ")");
            List<String> indexes = new ArrayList<>();
            try (ResultSet rows = sql.executeQuery("""
                    select indexname, indexdef from pg_indexes
                    where tablename = 'audit_event' and indexname not in ('audit_event_pk', 'audit_event_id_unique')
                    """)) {
                while (rows.next()) {
                    indexes.add(rows.getString(2));
                }
            }
            sql.execute("drop index if exists audit_event_at, audit_event_job, audit_event_by_actor,"
                    + " audit_event_by_on_behalf_of, audit_event_by_entity_type, audit_event_by_entity_id,"
                    + " audit_event_by_entity_name");
            AuditChain.Head head = AuditChain.Head.EMPTY;
            try (ResultSet row = sql.executeQuery("select seq, hash from audit_event order by seq desc limit 1")) {
                if (row.next()) {
                    head = new AuditChain.Head(row.getLong(1), row.getString(2));
                }
            }
            copy(connection, seals, head, count);
            sql.execute("set local maintenance_work_mem = '512MB'");
            for (String index : indexes) {
                sql.execute(index);
            }
            connection.commit();
            connection.setAutoCommit(true);
            sql.execute("vacuum analyze audit_event");
        }
    }

    private static void copy(Connection connection, AuditSeals seals, AuditChain.Head head, long count)
            throws SQLException, IOException {
        String key = seals.keys().primary().orElseThrow();
        Instant begin = Instant.parse("2026-11-30T00:00:00Z").minus(Duration.ofSeconds(SECONDS_BETWEEN * count));
        UUID[] jobs = new UUID[1_000];
        for (int i = 0; i < jobs.length; i++) {
            jobs[i] = UUID.randomUUID();
        }
        String previous = head.hash();
        try (OutputStream out = new PGCopyOutputStream(
                connection.unwrap(PGConnection.class),
                "copy audit_event (seq, id, at, actor, via, entity_type, entity_id, entity_name, action, after, job_id,"
                        + " run_id, key_id, seal, previous_hash, hash) from stdin",
                1024 * 1024)) {
            for (long i = 0; i < count; i++) {
                long seq = head.seq() + 1 + i;
                int job = (int) (i * 7919 % jobs.length);
                boolean call = i % 10 < 8;
                AuditRecord event = new AuditRecord(
                        new UUID(i << 16 | 0x7000, 0x8000000000000000L | seq),
                        begin.plusSeconds(SECONDS_BETWEEN * i),
                        ACTORS[(int) (i % 97 % ACTORS.length)],
                        null,
                        "script",
                        call ? "connection" : "query",
                        call ? "clinical-api-" + job % 7 : Long.toString(i),
                        call ? "clinical-api-" + job % 7 : null,
                        call ? "http.post" : "close",
                        null,
                        "{\"path\":\"/queries/" + i + "/close\",\"body\":{\"reason\":\"stale\"}}",
                        null,
                        jobs[job],
                        new UUID(i / 4 << 16 | 0x7000, 0x8000000000000000L | job),
                        key);
                String seal = seals.seal(event).orElseThrow();
                String hash = seals.hash(key, seq, previous, seal).orElseThrow();
                String line = seq + "\t" + event.id() + "\t" + event.at() + "\t" + event.actor() + "\t" + event.via()
                        + "\t"
                        + event.entityType() + "\t" + event.entityId() + "\t"
                        + (event.entityName() == null ? "\\N" : event.entityName()) + "\t" + event.action() + "\t"
                        + event.after() + "\t" + event.jobId() + "\t" + event.runId() + "\t" + key + "\t" + seal + "\t"
                        + previous + "\t" + hash + "\n";
                out.write(line.getBytes(StandardCharsets.UTF_8));
                previous = hash;
            }
        }
    }
}
