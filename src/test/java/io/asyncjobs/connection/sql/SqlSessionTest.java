package io.asyncjobs.connection.sql;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ForeignDatabase;
import io.asyncjobs.testsupport.TestDatabase;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SqlSessionTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ByteBudget.Hold MEMORY = ByteBudget.unlimited().hold();
    private static ForeignDatabase foreign;
    private String edc;

    @Inject
    SqlSessions sessions;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        foreign = ForeignDatabase.ofThisJvm();
    }

    @BeforeEach
    void prepare() throws SQLException {
        edc = save("edc", foreign.section(), foreign.password());
        run("drop table if exists query; create table query (id int primary key, status text, detail jsonb)");
        run("insert into query values (1, 'open', '{\"age\": 5}'), (2, 'closed', null), (3, 'open', '[1]')");
    }

    @Test
    void rows_come_back_as_json() {
        try (SqlSession session = open()) {
            SqlResult result = session.query(
                    sql(
                            "select id, status, detail from query where status = $1 and id < $2 order by id",
                            list("[\"open\", 10]")),
                    MEMORY);

            assertThat(json(result)).isEqualTo(tree("""
                    [{"id": 1, "status": "open", "detail": {"age": 5}}, {"id": 3, "status": "open", "detail": [1]}]"""));
            assertThat(result.rowCount()).isEqualTo(2);
            assertThat(result.changedCount()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1::int2                                                | 1",
                "9007199254740991                                       | 9007199254740991",
                "9007199254740992                                       | \"9007199254740992\"",
                "-9223372036854775808                                   | \"-9223372036854775808\"",
                "1.10                                                   | \"1.10\"",
                "0.1::float8                                            | 0.1",
                "1e300::float8                                          | 1e300",
                "'NaN'::float8                                          | \"NaN\"",
                "'-Infinity'::float4                                    | \"-Infinity\"",
                "true                                                   | true",
                "b'101'                                                 | \"101\"",
                "null                                                   | null",
                "'a\"b'                                                 | \"a\\\"b\"",
                "'2026-01-31 12:00:00.5+05:45'::timestamptz             | \"2026-01-31T06:15:00.500000Z\"",
                "'2026-01-31 12:00:00Z'::timestamptz                    | \"2026-01-31T12:00:00.000000Z\"",
                "'2026-01-31 12:00:00.500001Z'::timestamptz             | \"2026-01-31T12:00:00.500001Z\"",
                "'1890-01-01 00:00:00Z'::timestamptz                    | \"1890-01-01T00:00:00.000000Z\"",
                "'0044-03-15 12:00:00Z BC'::timestamptz                 | \"-0043-03-15T12:00:00.000000Z\"",
                "'-infinity'::timestamp                                 | \"-infinity\"",
                "'infinity'::date                                       | \"infinity\"",
                "'2026-09-28 00:31'::timestamp                          | \"2026-09-28T00:31:00.000000\"",
                "'infinity'::timestamptz                                | \"infinity\"",
                "'2026-01-31 12:00:00'::timestamp                       | \"2026-01-31T12:00:00.000000\"",
                "'2026-01-31'::date                                     | \"2026-01-31\"",
                "'12:30'::time                                          | \"12:30:00\"",
                "'1 day 2 hours'::interval                              | \"P1DT2H\"",
                "'\\x00ff'::bytea                                       | \"AP8=\"",
                "'0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f'::uuid           | \"0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f\"",
                "array[1, null, 3]                                      | [1, null, 3]",
                "array[array['a'], array['b']]                          | [[\"a\"], [\"b\"]]",
                "'{1,2}'::numeric[]                                     | [\"1\", \"2\"]",
                "array['2026-01-31'::date]                              | [\"2026-01-31\"]",
                "array['2026-01-31 12:00Z'::timestamptz, null]          | [\"2026-01-31T12:00:00.000000Z\", null]",
                "'[2:3]={a,\"b \\\" c\"}'::text[]                        | [\"a\", \"b \\\" c\"]",
                "array['\\x00ff'::bytea]                                | [\"AP8=\"]",
                "array['{\"a\": [1]}'::jsonb]                            | [{\"a\": [1]}]",
                "array[9007199254740993]                                | [\"9007199254740993\"]",
                "'{}'::int[]                                            | []",
                "array['NULL', 'null', null]                            | [\"NULL\", \"null\", null]",
                "'10.0.0.1'::inet                                       | \"10.0.0.1\"",
                "'{\"a\": [1, {\"b\": null}]}'::json                    | {\"a\": [1, {\"b\": null}]}",
                "'12.5'::money                                          | \"$12.50\"",
            })
    void values_have_one_form_each(String expression, String expected) {
        try (SqlSession session = open()) {
            assertThat(json(session.query(sql("select " + expression + " as v", List.of()), MEMORY))
                            .get(0)
                            .get("v"))
                    .isEqualTo(tree(expected));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "$1 ~ [\"x\"] ~ \"x\"",
                "$1::int + 1 ~ [41] ~ 42",
                "$1::numeric ~ [0.1] ~ \"0.1\"",
                "$1::boolean ~ [true] ~ true",
                "$1::text is null ~ [null] ~ true",
                "$1::jsonb -> 'a' ~ [{\"a\": [1]}] ~ [1]",
                "$1::jsonb ~ [[1, \"x\", null]] ~ [1, \"x\", null]",
                "2 = any($1) ~ [[1, 2]] ~ true",
                "'b' = any($1::text[]) ~ [[\"a,\\\"\", \"b\"]] ~ true",
                "'it''s $1 ?' || $1 ~ [\"!\"] ~ \"it's $1 ?!\"",
                "$1::text || /* $2 ; ? */ $1::text -- $3 ~ [\"x\"] ~ \"xx\"",
                "$2::int - $1::int ~ [1, 3] ~ 2",
                "$q$ $1 ; $q$ || $1 ~ [\"x\"] ~ \" $1 ; x\"",
                "'{\"a\": 1}'::jsonb ?$1 ~ [\"a\"] ~ true",
                "'{\"a\": 1}'::jsonb ?| array[$1] ~ [\"b\"] ~ false",
                "E'\\'$1' || $1 ~ [\"x\"] ~ \"'$1x\"",
                "timestamptz '2026-01-31Z' < $1 ~ [\"2026-02-01T00:00:00Z\"] ~ true",
            })
    void parameters_take_their_types_from_their_place(String expression, String parameters, String expected) {
        try (SqlSession session = open()) {
            assertThat(json(session.query(sql("select " + expression + "\n as v;", list(parameters)), MEMORY))
                            .get(0)
                            .get("v"))
                    .isEqualTo(tree(expected));
        }
    }

    @Test
    void changes_are_there_after_the_commit_and_not_before() throws SQLException {
        try (SqlSession session = open()) {
            assertThat(session.execute(
                                    sql("update query set status = $1 where status = $2", list("[\"done\", \"open\"]")),
                                    MEMORY)
                            .changedCount())
                    .isEqualTo(2);
            SqlResult inserted = session.execute(
                    sql("insert into query values ($1, $2) returning id, status", list("[4, \"new\"]")), MEMORY);
            assertThat(json(inserted)).isEqualTo(tree("[{\"id\": 4, \"status\": \"new\"}]"));
            assertThat(inserted.changedCount()).isEqualTo(1);
            assertThat(countOf("status = 'done'")).isZero();

            session.commit();

            assertThat(countOf("status = 'done'")).isEqualTo(2);
            session.execute(sql("delete from query", List.of()), MEMORY);
        }
        assertThat(countOf("true")).isEqualTo(4);
    }

    @Test
    void query_changes_nothing_and_a_failed_one_does_no_harm() throws SQLException {
        run("create or replace function bump() returns int language plpgsql as"
                + " 'begin update query set status = ''bumped''; return 1; end'");
        try (SqlSession session = open()) {
            session.execute(sql("update query set status = 'kept' where id = 1", List.of()), MEMORY);

            assertFails(
                    () -> session.query(sql("delete from query", List.of()), MEMORY),
                    "sql.query takes statements that read");
            assertFails(() -> session.query(sql("select bump()", List.of()), MEMORY), "sql.query only reads");
            assertFails(
                    () -> session.query(
                            sql("with x as (delete from query returning 1) select * from x", List.of()), MEMORY),
                    "sql.query only reads");
            assertFails(
                    () -> session.query(
                            sql("select set_config('transaction_read_only', 'off', true), bump()", List.of()), MEMORY),
                    "cannot set transaction read-write mode");
            assertFails(() -> session.query(sql("select 1 / 0", List.of()), MEMORY), "division by zero (22012)");

            session.execute(sql("update query set status = 'kept' where id = 2", List.of()), MEMORY);
            session.commit();
        }
        assertThat(countOf("status = 'kept'")).isEqualTo(2);
    }

    @Test
    void failed_statement_undoes_itself_alone() throws SQLException {
        try (SqlSession session = open()) {
            session.execute(sql("delete from query where id = 1", List.of()), MEMORY);
            assertFails(
                    () -> session.execute(sql("insert into query values (7, 'x'), (2, 'x')", List.of()), MEMORY),
                    "duplicate key value violates unique constraint");
            assertFails(() -> session.execute(sql("insert into nowhere values (1)", List.of()), MEMORY), "(42P01)");
            session.execute(sql("update query set status = 'kept' where id = 2", List.of()), MEMORY);
            assertFails(() -> session.query(sql("select 1 / 0", List.of()), MEMORY), "division by zero");
            session.execute(sql("delete from query where id = 3", List.of()), MEMORY);
            session.commit();
            assertFails(() -> session.execute(sql("insert into nowhere values (1)", List.of()), MEMORY), "(42P01)");
            session.commit();
        }
        assertThat(countOf("true")).isEqualTo(1);
        assertThat(countOf("status = 'kept'")).isEqualTo(1);
    }

    @Test
    void result_that_cannot_be_given_undoes_its_statement() throws SQLException {
        try (SqlSession session = open()) {
            assertFails(
                    () -> session.execute(
                            sql("update query set detail = '{\"id\": 9007199254740993}' returning detail", List.of()),
                            MEMORY),
                    "$[0].detail.id is 9007199254740993");
            session.commit();
        }
        assertThat(countOf("detail ->> 'id' is not null")).isZero();
    }

    /** Savepoints go with the exchange that a statement needs anyway. */
    @Test
    void statement_takes_two_exchanges_and_a_failed_one_three() throws Exception {
        try (Tunnel tunnel =
                Tunnel.to(((Number) Objects.requireNonNull(foreign.section().get("port"))).intValue())) {
            Map<String, Object> section = new HashMap<>(foreign.section());
            section.put("port", tunnel.port());
            try (SqlSession session = open(save("counted", section, foreign.password()))) {
                session.query(sql("select 1", List.of()), MEMORY);
                int before = tunnel.pieces().get();
                session.execute(sql("update query set status = 'a'", List.of()), MEMORY);
                session.query(sql("select 1", List.of()), MEMORY);
                assertThat(tunnel.pieces().get() - before).isEqualTo(4);
                before = tunnel.pieces().get();
                assertThatThrownBy(() -> session.execute(sql("insert into nowhere values (1)", List.of()), MEMORY))
                        .isInstanceOf(ConnectionCallException.class);
                assertThat(tunnel.pieces().get() - before).isEqualTo(3);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "json_build_object('id', 9007199254740993::bigint)          | $[0].v.id",
                "'[1, {\"b\": [9007199254740992, -9007199254740993]}]'::json | $[0].v[1].b[1]",
                "'{\"a b\": 12345678901234567890}'::jsonb                    | $[0].v[\"a b\"]",
                "array['{\"a\": 9007199254740993}'::jsonb]                   | $[0].v[0].a",
                "'9007199254740993'::jsonb                                  | $[0].v",
                "'9007199254740993.0'::json                                 | $[0].v",
                "'1e400'::json                                              | $[0].v",
                "concat('{\"n\": ', repeat('9', 500), '}')::json             | $[0].v.n",
            })
    void integer_in_json_that_a_double_cannot_hold_is_refused_with_its_path(String expression, String path) {
        try (SqlSession session = open()) {
            assertFails(
                    () -> session.query(sql("select " + expression + " as v", List.of()), MEMORY),
                    ": " + path + " is ");
            assertThat(session.query(sql("select 1", List.of()), MEMORY).rowCount())
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'{\"id\": 9007199254740993, \"n\": [1, 1.5]}'::json         | {\"id\": \"9007199254740993\", \"n\": [1, 1.5]}",
                "jsonb_build_array(0.1234567890123456789)                  | [\"0.1234567890123456789\"]",
                "'[0.1, 1.10, 9007199254740992, 1e3, 1e400]'::json         | [0.1, 1.1, 9007199254740992, 1000, \"1e400\"]",
                "'{\"a\": \"9007199254740993\"}'::json                       | {\"a\": \"9007199254740993\"}",
            })
    void numbers_in_json_that_a_double_cannot_hold_come_as_text_when_asked_for(String expression, String expected)
            throws IOException {
        try (SqlSession session = open()) {
            SqlResult result = session.query(new SqlCall("select " + expression + " as v", List.of(), true), MEMORY);

            // Compared as a script would read them
            assertThat(json(result)
                            .get(0)
                            .get("v")
                            .toString()
                            .replace("1.10", "1.1")
                            .replace("1000.0", "1000"))
                    .isEqualTo(tree(expected).toString().replace("1000.0", "1000"));
        }
    }

    @Test
    void decimal_in_json_is_the_nearest_double_to_a_script() {
        try (SqlSession session = open()) {
            assertThat(session.query(sql("select jsonb_build_array(0.1234567890123456789) as v", List.of()), MEMORY)
                            .rowsJson())
                    .isEqualTo("[{\"v\":[0.1234567890123456789]}]");
        }
    }

    @Test
    void check_finds_what_would_fail_and_does_nothing() throws Exception {
        try (SqlSession session = sessions.open(edc, true, in(30), new Masking())) {
            for (String fine : List.of(
                    "insert into query values ($1, $2)",
                    "update query set status = $2 where id = $1",
                    "with x as (delete from query returning id) select * from x where id = $1 and $2 <> ''",
                    "(select id from query where id = $1 and status = $2)")) {
                session.check(sql(fine, list("[7, \"x\"]")), MEMORY);
            }
            session.check(sql("delete from query where id = any($1)", list("[[1, 2]]")), MEMORY);
            assertChecked(session, "insert into nowhere values (1)", "[]", "(42P01)");
            assertChecked(session, "update query set nothing = 1", "[]", "(42703)");
            assertChecked(session, "insert into query values ($1)", "[\"x\"]", "(22P02)");
            assertChecked(session, "insert int query values (1)", "[]", "(42601)");
            assertChecked(session, "creat table x (a int)", "[]", "cannot be carried out here");
            assertChecked(session, "create tabl x (a int)", "[]", "(42601)");
            // What a statement would have made is not missed
            session.check(sql("create table made (a int)", List.of()), MEMORY);
            session.check(sql("insert into made values (1)", List.of()), MEMORY);
            assertChecked(session, "insert into query values ($1)", "[\"x\"]", "(22P02)");
        }
        assertThat(countOf("true")).isEqualTo(3);
    }

    private static void assertChecked(SqlSession session, String statement, String parameters, String words) {
        assertFails(() -> session.check(sql(statement, list(parameters)), MEMORY), words);
    }

    @Test
    void failure_carries_the_databases_code() {
        try (SqlSession session = open()) {
            assertThatThrownBy(() -> session.execute(sql("insert into query values (1, 'x')", List.of()), MEMORY))
                    .isInstanceOfSatisfying(ConnectionCallException.class, e -> assertThat(e.fields())
                            .isEqualTo(Map.of(
                                    "code",
                                    "statement_failed",
                                    "sqlState",
                                    "23505",
                                    "constraint",
                                    "query_pkey",
                                    "table",
                                    "query")));
            assertThatThrownBy(() -> session.execute(sql("commit", List.of()), MEMORY))
                    .isInstanceOfSatisfying(ConnectionCallException.class, e -> assertThat(e.fields())
                            .isEqualTo(Map.of("code", "refused")));
        }
    }

    @Test
    void trial_reads_what_is_there_and_writes_nothing() throws SQLException {
        try (SqlSession session = sessions.open(edc, true, in(30), new Masking())) {
            assertThat(session.query(sql("select * from query", List.of()), MEMORY)
                            .rowCount())
                    .isEqualTo(3);
            for (String change : List.of(
                    "delete from query",
                    "create table t (a int)",
                    "do $$ begin delete from query; end $$",
                    "select set_config('transaction_read_only', 'off', false)",
                    "truncate query")) {
                assertThatThrownBy(() -> session.execute(sql(change, List.of()), MEMORY))
                        .as(change)
                        .isInstanceOf(ConnectionCallException.class);
            }
            session.commit();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(countOf("true")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1; drop table query",
                "select 1;; select 2",
                "; select 1",
                "select 1 /* ; */; delete from query",
                "select '\\'; delete from query; --'",
                "select $a$ $b$; $a$; delete from query",
                "select E'\\'; delete from query",
                "select \"a\"\"; \"; delete from query",
                "commit",
                "  -- x\n/* /* y */ */ COMMIT and chain",
                "rollback",
                "begin",
                "end",
                "abort",
                "savepoint x",
                "release savepoint asyncjobs_query",
                "rollback to savepoint asyncjobs_query",
                "prepare transaction 'x'",
                "prepare x as select 1",
                "execute x",
                "set role postgres",
                "set session authorization postgres",
                "set statement_timeout = 0",
                "reset all",
                "discard all",
                "copy query to program 'touch /tmp/x'",
                "copy query from stdin",
                "copy (select 1) to stdout",
                "listen x",
                "declare c cursor with hold for select 1",
                "vacuum",
                "load 'x'",
                "call_me",
                "",
                "  ",
                "-- nothing",
                "(",
                "('x')",
                "select\u0000 1",
                "select $1",
                "select $0",
                "select $99999999999999999999",
            })
    void statement_that_is_not_one_plain_statement_is_refused(String text) throws SQLException {
        try (SqlSession session = open()) {
            assertThatThrownBy(() -> session.execute(sql(text, List.of()), MEMORY))
                    .isInstanceOf(ConnectionCallException.class);
            assertThatThrownBy(() -> session.query(sql(text, List.of()), MEMORY))
                    .isInstanceOf(ConnectionCallException.class);
            assertThat(session.query(sql("select 1", List.of()), MEMORY).rowCount())
                    .isEqualTo(1);
        }
        assertThat(countOf("true")).isEqualTo(3);
    }

    @Test
    void transaction_cannot_be_ended_from_inside() throws SQLException {
        run("create or replace procedure sneak() language plpgsql as" + " 'begin delete from query; commit; end'");
        try (SqlSession session = open()) {
            assertFails(
                    () -> session.execute(sql("call sneak()", List.of()), MEMORY), "invalid transaction termination");
        }
        try (SqlSession session = open()) {
            assertFails(
                    () -> session.execute(sql("do $$ begin delete from query; commit; end $$", List.of()), MEMORY),
                    "invalid transaction termination");
        }
        assertThat(countOf("true")).isEqualTo(3);
    }

    @Test
    void superusers_powers_are_not_had() throws SQLException {
        try (SqlSession session = open()) {
            assertFails(
                    () -> session.query(sql("select pg_read_file('/etc/passwd')", List.of()), MEMORY),
                    "permission denied");
            assertFails(
                    () -> session.query(sql("select set_config('role', 'postgres', true)", List.of()), MEMORY),
                    "permission");
        }
    }

    @Test
    void statement_ends_with_the_deadline() throws Exception {
        long start = System.nanoTime();
        try (SqlSession session = sessions.open(
                edc, false, System.nanoTime() + Duration.ofMillis(700).toNanos(), new Masking())) {
            assertThatThrownBy(() -> session.query(sql("select pg_sleep(600)", List.of()), MEMORY))
                    .isInstanceOf(ConnectionCallException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        awaitNoSleepers();
    }

    @Test
    void statement_ends_with_the_connections_own_limit() {
        Map<String, Object> section = new HashMap<>(foreign.section());
        section.put("statementTimeoutMillis", 200);
        String hasty = save("hasty", section, foreign.password());
        try (SqlSession session = open(hasty)) {
            assertFails(() -> session.query(sql("select pg_sleep(600)", List.of()), MEMORY), "longer than the 200 ms");
            assertFails(
                    () -> session.query(
                            sql("select set_config('statement_timeout', '0', true), pg_sleep(600)", List.of()), MEMORY),
                    "longer than the 200 ms");
            assertThat(session.query(sql("select 1", List.of()), MEMORY).rowCount())
                    .isEqualTo(1);
        }
    }

    @Test
    void statement_is_cancelled_from_another_thread() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                SqlSession session = open()) {
            Future<?> statement = threads.submit(() -> session.execute(sql("select pg_sleep(600)", List.of()), MEMORY));
            await().until(() -> sleepers() == 1);

            session.cancel();

            assertThatThrownBy(() -> statement.get())
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("was cancelled");
            assertFails(() -> session.query(sql("select 1", List.of()), MEMORY), "was cancelled");
            assertFails(session::commit, "was cancelled");
        }
        awaitNoSleepers();
    }

    @Test
    void closing_while_a_statement_runs_ends_it() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            SqlSession session = open();
            Future<?> statement = threads.submit(() -> session.execute(sql("select pg_sleep(600)", List.of()), MEMORY));
            await().until(() -> sleepers() == 1);

            session.cancel();
            session.close();

            assertThatThrownBy(() -> statement.get()).isInstanceOf(ExecutionException.class);
        }
        awaitNoSleepers();
    }

    @Test
    void interrupt_ends_a_statement() throws Exception {
        SqlSession session = open();
        List<Throwable> failures = new ArrayList<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try (session) {
                session.query(sql("select pg_sleep(600)", List.of()), MEMORY);
            } catch (ConnectionCallException e) {
                failures.add(e);
            }
        });
        await().until(() -> sleepers() == 1);

        thread.interrupt();
        thread.join(Duration.ofSeconds(10));

        assertThat(failures).singleElement().asString().contains("was cancelled");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select i from generate_series(1, 10001) i",
                "select repeat('x', 100000) from generate_series(1, 100)",
                "select repeat('x', 5000000)",
                "select repeat('x', 100000000)",
                "select repeat('x', 900000000)",
                "select repeat('x', 50000000)::int",
            })
    void result_is_bounded(String query) throws SQLException {
        try (SqlSession session = open()) {
            assertThatThrownBy(() -> session.query(sql(query, List.of()), MEMORY))
                    .isInstanceOf(ConnectionCallException.class)
                    .message()
                    .hasSizeLessThan(2000)
                    .containsAnyOf("at most", "too large", "invalid memory", "invalid input");
        }
        try (SqlSession session = open()) {
            assertThat(session.query(sql("select i from generate_series(1, 10000) i", List.of()), MEMORY)
                            .rowCount())
                    .isEqualTo(10_000);
        }
    }

    @Test
    void flood_of_notices_is_cut_off() {
        try (SqlSession session = open()) {
            assertFails(() -> session.execute(sql("""
                            do $$ begin
                              perform set_config('client_min_messages', 'notice', true);
                              loop raise notice '%', repeat('x', 100000); end loop;
                            end $$""", List.of()), MEMORY), "too large");
        }
    }

    @Test
    void two_columns_of_one_name_are_refused() {
        try (SqlSession session = open()) {
            assertFails(() -> session.query(sql("select 1 as a, 2 as a", List.of()), MEMORY), "alias");
        }
    }

    @Test
    void sessions_of_a_connection_are_bounded() throws Exception {
        Map<String, Object> section = new HashMap<>(foreign.section());
        section.put("maxConnections", 1);
        String narrow = save("narrow", section, foreign.password());
        SqlSession first = open(narrow);

        assertThatThrownBy(() -> sessions.open(
                        narrow,
                        false,
                        System.nanoTime() + Duration.ofMillis(100).toNanos(),
                        new Masking()))
                .isInstanceOf(ConnectionCallException.class)
                .hasMessageContaining("all of its 1 sessions");
        first.close();
        first.close();
        try (SqlSession second = open(narrow)) {
            assertThat(second.query(sql("select 1", List.of()), MEMORY).rowCount())
                    .isEqualTo(1);
        }
    }

    @Test
    void sessions_leave_nothing_to_each_other() {
        try (SqlSession session = open()) {
            session.execute(sql("select set_config('app.secret', 'x', false)", List.of()), MEMORY);
            session.commit();
        }
        try (SqlSession session = open()) {
            assertThat(json(session.query(sql("select current_setting('app.secret', true) as v", List.of()), MEMORY))
                            .get(0)
                            .get("v")
                            .isNull())
                    .isTrue();
        }
    }

    @Test
    void connection_that_cannot_be_had_says_which_and_why_but_not_where() throws Exception {
        assertFails(
                () -> sessions.open("no such one", false, in(5), new Masking()),
                "there is no connection named 'no such one'");

        String wrongPassword = save("wrong-password", foreign.section(), "not it");
        assertFails(() -> open(wrongPassword), "sql: " + wrongPassword + ": the database does not let");

        Map<String, Object> section = new HashMap<>(foreign.section());
        section.put("database", "nowhere");
        assertFails(() -> open(save("no-database", section, foreign.password())), "no database of that name");

        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            section.put("port", closed.getLocalPort());
        }
        assertFails(() -> open(save("nobody", section, "x")), "could not be reached");

        section.putAll(foreign.section());
        section.put("tls", "require");
        assertFails(() -> open(save("no-tls", section, foreign.password())), "not safely (TLS)");
    }

    @Test
    void server_that_says_nothing_is_given_up() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, Object> section = new HashMap<>(foreign.section());
            section.put("port", silent.getLocalPort());
            String mute = save("mute", section, "x");
            long start = System.nanoTime();

            assertThatThrownBy(() -> sessions.open(
                            mute,
                            false,
                            System.nanoTime() + Duration.ofMillis(500).toNanos(),
                            new Masking()))
                    .isInstanceOf(ConnectionCallException.class)
                    .hasMessageContaining("did not answer in time");

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            try (Socket accepted = silent.accept();
                    InputStream heard = accepted.getInputStream()) {
                // Let go of, too
                assertThat(heard.readAllBytes()).isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "::1"})
    void services_own_database_cannot_be_saved(String host) {
        TestDatabase own = TestDatabase.ofThisJvm();
        Map<String, Object> section = new HashMap<>(ForeignDatabase.section(own.jdbcUrl(), own.username()));
        section.put("host", host);

        api().body(Map.of("postgresql", section, "secret", own.password()))
                .put("/connections/{name}", unique("self"))
                .then()
                .statusCode(422)
                .body("violations.field", contains("postgresql.host"))
                .body("violations.message", contains(containsString("ASYNCJOBS_CONNECTIONS_ALLOW_OWN_DATABASE")));
    }

    /** Through a tunnel: nothing of the address tells. */
    @Test
    void services_own_database_cannot_be_used_whatever_leads_to_it() throws Exception {
        TestDatabase own = TestDatabase.ofThisJvm();
        Map<String, Object> section = new HashMap<>(ForeignDatabase.section(own.jdbcUrl(), own.username()));
        try (Tunnel tunnel = Tunnel.to(((Number) Objects.requireNonNull(section.get("port"))).intValue())) {
            section.put("port", tunnel.port());
            String self = save("self", section, own.password());

            assertFails(() -> open(self), "leads to the service's own database");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "do $$ begin raise exception '%', repeat('x', 100000000); end $$",
                "select repeat('x', 100000000)::int",
                "select set_config('search_path', repeat('x', 100000000), true)",
                "do $$ begin perform set_config('client_min_messages', 'notice', true);"
                        + " raise notice '%', repeat('x', 100000000); end $$",
                "select set_config('asyncjobs.session', repeat('x', 100000000), true)",
            })
    void servers_own_words_are_cut_while_they_are_read(String statement) {
        long before = used();
        try (SqlSession session = open()) {
            assertThatThrownBy(() -> {
                        session.execute(sql(statement, List.of()), MEMORY);
                        session.commit();
                    })
                    .isInstanceOf(ConnectionCallException.class)
                    .hasMessageContaining("too large");
        }
        assertThat(used()).isLessThan(before + 64 * 1024 * 1024);
    }

    @Test
    void answer_that_finds_no_room_waits_until_the_run_is_over() throws Exception {
        ByteBudget budget = new ByteBudget(1024 * 1024, 0);
        ByteBudget.Hold other = budget.share(Long.MAX_VALUE).hold();
        other.take(2 * 1024 * 1024, in(1));
        try (SqlSession session = sessions.open(edc, false, in(1), new Masking())) {
            ByteBudget.Hold memory = budget.share(1024 * 1024).hold();
            assertThatThrownBy(() -> session.query(sql("select repeat('x', 1000000)", List.of()), memory))
                    .isInstanceOf(ConnectionCallException.class);
        }
        other.close();
        try (SqlSession session = open()) {
            ByteBudget.Hold memory = budget.share(1024 * 1024).hold();
            assertThat(session.query(sql("select repeat('x', 1000000)", List.of()), memory)
                            .rowCount())
                    .isEqualTo(1);
            assertThat(memory.total()).isGreaterThan(1_000_000);
        }
    }

    @Test
    void web_service_is_no_database() {
        String api = unique("api");
        api().body(Map.of("http", Map.of("baseUrl", "http://127.0.0.1")))
                .put("/connections/{name}", api)
                .then()
                .statusCode(201);

        assertFails(() -> open(api), "is a web service; call it with http");
    }

    private SqlSession open() {
        return open(edc);
    }

    private SqlSession open(String connection) {
        try {
            return sessions.open(connection, false, in(120), new Masking());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static long in(int seconds) {
        return System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    }

    private static String save(String name, Map<String, Object> section, String password) {
        String unique = unique(name);
        api().body(Map.of("postgresql", section, "secret", password))
                .put("/connections/{name}", unique)
                .then()
                .statusCode(201);
        return unique;
    }

    private static void assertFails(ThrowingCallable call, String words) {
        assertThatThrownBy(call)
                .isInstanceOf(ConnectionCallException.class)
                .hasMessageStartingWith("sql: ")
                .hasMessageContaining(words)
                .message()
                .doesNotContain("127.0.0.1", "Exception", "org.postgresql", foreign.password());
    }

    private static void run(String sql) throws SQLException {
        try (var connection = foreign.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long countOf(String condition) throws SQLException {
        return count("select count(*) from query where " + condition);
    }

    private static long sleepers() throws SQLException {
        return count("select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' and state = 'active'"
                + " and pid <> pg_backend_pid()");
    }

    private static void awaitNoSleepers() {
        await().until(() -> sleepers() == 0);
    }

    private static long count(String sql) throws SQLException {
        try (var connection = foreign.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static JsonNode json(SqlResult result) {
        return tree(result.rowsJson());
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static SqlCall sql(String text, List<JsonNode> parameters) {
        return new SqlCall(text, parameters, false);
    }

    private static List<JsonNode> list(String json) {
        List<JsonNode> nodes = new ArrayList<>();
        tree(json).forEach(nodes::add);
        return nodes;
    }

    /** What the heap holds after a collection. */
    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Carries bytes from a port of its own to another one, and counts in how many pieces they come from its clients. */
    private record Tunnel(ServerSocket server, AtomicInteger pieces) implements AutoCloseable {

        static Tunnel to(int port) throws IOException {
            ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
            AtomicInteger pieces = new AtomicInteger();
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try {
                        Socket here = server.accept();
                        Socket there = new Socket(InetAddress.getLoopbackAddress(), port);
                        Thread.ofVirtual().start(() -> carry(here, there, pieces));
                        Thread.ofVirtual().start(() -> carry(there, here, new AtomicInteger()));
                    } catch (IOException e) {
                        // Closed
                        return;
                    }
                }
            });
            return new Tunnel(server, pieces);
        }

        private static void carry(Socket from, Socket to, AtomicInteger pieces) {
            try (from;
                    to) {
                byte[] piece = new byte[64 * 1024];
                for (int read = from.getInputStream().read(piece);
                        read >= 0;
                        read = from.getInputStream().read(piece)) {
                    // What a client sends at once before it waits for the answer comes in one piece
                    pieces.incrementAndGet();
                    to.getOutputStream().write(piece, 0, read);
                }
            } catch (IOException e) {
                // One of them hung up
            }
        }

        int port() {
            return server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
