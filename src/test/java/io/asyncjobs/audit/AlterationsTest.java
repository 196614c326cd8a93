package io.asyncjobs.audit;

import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.patch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.TestDatabase;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody with the database but without the key may try. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class AlterationsTest {

    private static final int ALTERATIONS = 1_000;
    private static final int EVENTS = 40;
    private static final int RARELY = 300;

    @Inject
    AuditSeals seals;

    @Inject
    AuditChain chain;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update audit_event set actor = 'mallory'",
                "update audit_event set seq = seq where false",
                "delete from audit_event",
                "delete from audit_event where seq = (select max(seq) from audit_event)",
                "truncate audit_event",
                "update audit_waiting set actor = 'mallory'",
                "truncate audit_waiting",
                "truncate audit_event, audit_waiting cascade",
                "merge into audit_event e using (select 1) x on true when matched then delete",
                "insert into audit_event select * from audit_event on conflict (seq) do update set actor = 'mallory'"
            })
    void role_of_the_service_can_only_add_and_read(String statement) throws SQLException {
        createJob(RARELY, "return 1");
        chain.catchUp();
        try (Connection connection = TestDatabase.ofThisJvm().connect();
                Statement sql = connection.createStatement()) {
            assertThatThrownBy(() -> sql.execute(statement))
                    .isInstanceOfSatisfying(SQLException.class, refused -> assertThat(refused.getSQLState())
                            .isEqualTo("42501"));
        }
    }

    @Test
    void what_waits_cannot_be_taken_away_before_it_is_in_the_trail() throws SQLException {
        try (Connection connection = TestDatabase.ofThisJvm().connect();
                Statement sql = connection.createStatement()) {
            connection.setAutoCommit(false);
            sql.execute("""
                    insert into audit_waiting (id, at, actor, via, entity_type, entity_id, action, key_id, seal)
                    values (gen_random_uuid(), now(), 'ada', 'api', 'job', '1', 'update', 'none', 'none')
                    """);
            assertThatThrownBy(() -> sql.execute("delete from audit_waiting"))
                    .isInstanceOfSatisfying(SQLException.class, refused -> assertThat(refused.getSQLState())
                            .isEqualTo("42501"));
            connection.rollback();
        }
    }

    @Test
    void each_of_a_thousand_random_alterations_is_found_and_the_first_bad_event_named() throws SQLException {
        String job = createJob(RARELY, "return 1").getString("id");
        for (int i = 1; i < EVENTS; i++) {
            patch(job, Map.of("pollIntervalSeconds", 1 + i, "reason", "step " + i));
        }
        chain.catchUp();
        TestDatabase database = TestDatabase.ofThisJvm();
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (Connection connection = database.connect();
                Connection reading = database.connect();
                Statement sql = connection.createStatement()) {
            // A copy without triggers: what an owner or a superuser can make of the original
            sql.execute("drop schema if exists copied cascade");
            sql.execute("create schema copied");
            sql.execute("set search_path = copied, public");
            sql.execute(
                    "create table copied.pristine as select * from public.audit_event order by seq limit " + EVENTS);
            sql.execute("create table copied.audit_event (like public.audit_event)");
            sql.execute("create table copied.audit_waiting (like public.audit_waiting including defaults)");
            sql.execute("create table copied.audit_set_aside (like public.audit_set_aside including defaults)");
            reading.setSchema("copied");
            AuditHistory copy = history(reading);
            Checkpoint checkpoint = checkpoint(sql);
            sql.execute("insert into copied.audit_event select * from copied.pristine");
            assertThat(firstFault(copy, checkpoint, sql)).isEmpty();
            Map<AuditFault.Kind, Integer> kinds = new EnumMap<>(AuditFault.Kind.class);
            for (int i = 0; i < ALTERATIONS; i++) {
                Alteration alteration = alteration(random);
                sql.execute("truncate copied.audit_event");
                sql.execute("insert into copied.audit_event select * from copied.pristine");
                for (String statement : alteration.statements()) {
                    sql.execute(statement);
                }
                Optional<AuditFault> fault = firstFault(copy, checkpoint, sql);
                assertThat(fault).as("seed %d: %s", seed, alteration).isPresent();
                assertThat(fault.orElseThrow().seq())
                        .as("seed %d: %s: %s", seed, alteration, fault)
                        .isEqualTo(alteration.firstBad());
                kinds.merge(fault.orElseThrow().kind(), 1, Integer::sum);
            }
            assertThat(kinds)
                    .containsKeys(
                            AuditFault.Kind.ALTERED,
                            AuditFault.Kind.MISSING,
                            AuditFault.Kind.REORDERED,
                            AuditFault.Kind.FORGED,
                            AuditFault.Kind.CUT);
            sql.execute("drop schema copied cascade");
        }
    }

    /** @param firstBad the place that verifying must name */
    private record Alteration(String what, long firstBad, List<String> statements) {

        Alteration(String what, long firstBad, String... statements) {
            this(what, firstBad, List.of(statements));
        }
    }

    private static Alteration alteration(Random random) {
        int seq = 2 + random.nextInt(EVENTS - 3);
        int other = seq + 1 + random.nextInt(EVENTS - seq - 1);
        String where = " where seq = " + seq;
        String digest = "md5('" + random.nextLong() + "')";
        return switch (random.nextInt(15)) {
            case 0 -> set("changed actor", seq, "actor = 'mallory'");
            case 1 -> set("changed time", seq, "at = at + interval '1 microsecond'");
            case 2 -> set("changed reason", seq, "reason = coalesce(reason, '') || ' '");
            case 3 ->
                set(
                        "swapped before and after",
                        seq,
                        "before = coalesce(after, '{}'), after = coalesce(before, '{\"a\":1}')");
            case 4 -> set("one character of after", seq, "after = overlay(coalesce(after, '{}  ') placing '#' from 2)");
            case 5 ->
                set(
                        "field moved to its neighbour",
                        seq,
                        "entity_id = entity_id || 'x', entity_name = substr(entity_name, 2)");
            case 6 -> set("null for empty", seq, "on_behalf_of = ''");
            case 7 -> set("forged hash", seq, "hash = " + digest + " || " + digest);
            case 8 ->
                set(
                        "changed and sealed without the key",
                        seq,
                        "actor = 'mallory', seal = " + digest + " || " + digest + ", hash = " + digest + " || "
                                + digest);
            case 9 -> new Alteration("deleted", seq, "delete from copied.audit_event" + where);
            case 10 ->
                new Alteration(
                        "deleted and closed up",
                        seq,
                        "delete from copied.audit_event" + where,
                        "update copied.audit_event set seq = seq - 1 where seq > " + seq);
            case 11 ->
                new Alteration(
                        "two exchanged",
                        seq,
                        "update copied.audit_event set seq = case seq when " + seq + " then " + other + " else " + seq
                                + " end where seq in (" + seq + ", " + other + ")");
            case 12 ->
                new Alteration(
                        "inserted a copy",
                        seq + 1L,
                        "update copied.audit_event set seq = seq + 1 where seq > " + seq,
                        "insert into copied.audit_event select (p.e).* from (select e from copied.audit_event e" + where
                                + ") p",
                        "update copied.audit_event e set seq = " + (seq + 1)
                                + " where ctid = (select max(ctid) from copied.audit_event" + where + ")");
            case 13 -> new Alteration("cut tail", seq, "delete from copied.audit_event where seq >= " + seq);
            default -> new Alteration("truncated", 1, "truncate copied.audit_event");
        };
    }

    private static Alteration set(String what, int seq, String assignment) {
        return new Alteration(what, seq, "update copied.audit_event set " + assignment + " where seq = " + seq);
    }

    private AuditHistory history(Connection reading) {
        Jdbi jdbi = Jdbi.create(reading).installPlugin(new PostgresPlugin());
        return new AuditHistory(jdbi, new AuditChain(jdbi, seals));
    }

    private Checkpoint checkpoint(Statement sql) throws SQLException {
        try (ResultSet row = sql.executeQuery("select seq, hash from copied.pristine order by seq desc limit 1")) {
            row.next();
            return Checkpoint.of(seals, Instant.EPOCH, row.getLong(1), row.getString(2));
        }
    }

    private Optional<AuditFault> firstFault(AuditHistory copy, Checkpoint checkpoint, Statement sql)
            throws SQLException {
        if (sql.getConnection().getAutoCommit()) {
            ChainCheck check = new ChainCheck(seals, new ArrayList<>(List.of(checkpoint)));
            return copy.read(AuditFilter.ALL, events -> {
                while (events.hasNext()) {
                    Optional<AuditFault> fault = check.next(events.next());
                    if (fault.isPresent()) {
                        return fault;
                    }
                }
                return check.end();
            });
        }
        throw new IllegalStateException("What was changed is not committed");
    }
}
