package io.asyncjobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.SqlText.Touch;
import io.asyncjobs.testsupport.Fast;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each table has one package that reads and writes it. Others ask that package, or have a grant here that says why they do
 * not.
 *
 * <p>A package owns its table with its nested packages.
 */
@Fast
class TablesTest {

    private static final Map<String, String> OWNERS = Map.ofEntries(
            Map.entry("account", "account"),
            Map.entry("audit_block", "audit"),
            Map.entry("audit_event", "audit"),
            Map.entry("audit_set_aside", "audit"),
            Map.entry("audit_tally", "audit"),
            Map.entry("audit_waiting", "audit"),
            Map.entry("connection", "connection"),
            Map.entry("connection_pace", "connection"),
            Map.entry("connection_token", "connection"),
            Map.entry("idempotency_key", "platform"),
            Map.entry("sealed_plan", "provisioning"),
            Map.entry("setting", "setting"),
            Map.entry("job", "job"),
            Map.entry("job_revision", "job"),
            Map.entry("script", "job"),
            Map.entry("job_timer", "schedule"),
            Map.entry("node", "schedule"),
            // A claim makes the row together with its lease, and the end of the lease completes it
            Map.entry("run", "schedule"),
            Map.entry("tick_gap", "schedule"),
            Map.entry("history_partition", "run"),
            Map.entry("history_progress", "run"),
            Map.entry("job_state", "run"),
            Map.entry("run_cancellation", "run"),
            Map.entry("run_kept", "run"),
            Map.entry("run_log", "run"),
            Map.entry("run_log_kept", "run"),
            Map.entry("tick_hour", "run"),
            Map.entry("tick_hour_gap", "run"));

    enum Access {
        READ,
        /** Reading included. */
        WRITE
    }

    record Grant(String toPackage, Access access, String table, String reason) {

        boolean allows(String name, Touch touch) {
            return belongs(name, toPackage)
                    && touch.table().equals(table)
                    && (access == Access.WRITE || !touch.write());
        }
    }

    private static final List<Grant> GRANTS = List.of(
            new Grant(
                    "job",
                    Access.READ,
                    "account",
                    "A job refers to its account, and is read and sorted with its name."),
            new Grant("job", Access.WRITE, "job_timer", "A foreign key deletes the timer of a deleted job."),
            new Grant("job", Access.WRITE, "tick_gap", "A foreign key deletes the gaps of a deleted job."),
            new Grant("job", Access.WRITE, "job_state", "A foreign key deletes the state of a deleted job."),
            new Grant(
                    "schedule",
                    Access.READ,
                    "job",
                    "A claim compares the timer with its job in one statement, and timers are matched to all jobs at once."),
            new Grant(
                    "schedule",
                    Access.READ,
                    "account",
                    "A claim puts the user's name on record in the same statement."),
            new Grant(
                    "schedule",
                    Access.READ,
                    "job_revision",
                    "A claim of an earlier revision puts the user of that revision on record in the same statement."),
            new Grant(
                    "schedule",
                    Access.READ,
                    "run_cancellation",
                    "The heartbeat asks all questions of a second in one statement."),
            new Grant(
                    "run",
                    Access.WRITE,
                    "run",
                    "History cuts the table into partitions and detaches old ones; it changes no row that a lease may still"
                            + " end."),
            new Grant(
                    "run",
                    Access.WRITE,
                    "tick_gap",
                    "A roll-up counts gaps and marks them as counted in one statement; what is counted goes with the"
                            + " history."),
            new Grant(
                    "run",
                    Access.READ,
                    "job_timer",
                    "Lists and the ledger join runs with the lease and the next tick, for many jobs in one statement."),
            new Grant("run", Access.READ, "job", "History of deleted jobs is kept otherwise than that of others."),
            new Grant("run", Access.READ, "job_revision", "A page of runs shows the name that the job had."),
            new Grant("run", Access.READ, "script", "A page of runs shows the digest of the script that ran."),
            new Grant("run", Access.READ, "node", "A page of runs shows the name of the node."));

    @Test
    void every_table_has_an_owner_that_touches_it() throws IOException {
        Tables tables = product();

        assertThat(OWNERS.keySet()).isEqualTo(tables.names());
        assertThat(OWNERS)
                .allSatisfy((table, owner) -> assertThat(tables.touches().entrySet())
                        .anyMatch(touched -> belongs(touched.getKey(), owner)
                                && touched.getValue().containsKey(new Touch(table, true))));
    }

    @Test
    void packages_touch_their_own_tables_and_those_granted_to_them() throws IOException {
        assertThat(notGranted(product(), OWNERS, GRANTS)).isEmpty();
    }

    @Test
    void every_grant_is_needed() throws IOException {
        assertThat(notNeeded(product(), OWNERS, GRANTS)).isEmpty();
    }

    private static final List<String> MADE_UP_TABLES = List.of("""
            create table room (id uuid primary key);
            create table guest (id uuid primary key, room uuid not null references room (id));
            create table stay (id uuid not null) partition by range (id);
            create table stay_default partition of stay default;
            """, """
            -- No table: create table nothing (id uuid);
            create view stay_history as select id from stay;
            create function make_stay(name text) returns void language plpgsql as $$
            begin
                execute format('create table %I (like %I)', name, 'stay');
            end
            $$;
            create function tell_guests() returns trigger language plpgsql as $$
            begin
                update guest set id = id;
                return new;
            end
            $$;
            create trigger stay_told after insert on stay for each row execute function tell_guests();
            """);

    private static final Map<String, String> MADE_UP_OWNERS =
            Map.of("room", "house", "guest", "people", "stay", "people");

    @Test
    void a_statement_on_a_foreign_table_is_found() {
        assertThat(foundIn("\"update guest set id = :id\"")).containsExactly("house writes guest in Made.java");
        assertThat(foundIn("\"insert into guest (id) values (:id)\""))
                .containsExactly("house writes guest in Made.java");
        assertThat(foundIn("\"delete from guest where id = :id\"")).containsExactly("house writes guest in Made.java");
        assertThat(foundIn("\"lock table only room, only guest in access exclusive mode\""))
                .containsExactly("house writes guest in Made.java");
        assertThat(foundIn("\"select r.id from room r, guest g\"")).containsExactly("house reads guest in Made.java");
        assertThat(foundIn("\"select id from room where exists (select from guest for update)\""))
                .containsExactly("house reads guest in Made.java");
        assertThat(foundIn("\"delete from room r using guest g where g.room = r.id\""))
                .containsExactly("house reads guest in Made.java");
        assertThat(foundIn("\"select \" + what + \" from guest\"")).containsExactly("house reads guest in Made.java");
        assertThat(foundIn("\"select id from room \" + joined() + \" join guest g on true\""))
                .containsExactly("house reads guest in Made.java");
        assertThat(foundIn("\"drop table stay_\" + day")).containsExactly("house writes stay in Made.java");
        assertThat(foundIn("\"select count(*) from stay_%s\".formatted(day)"))
                .containsExactly("house reads stay in Made.java");
    }

    @Test
    void a_foreign_table_is_found_in_a_part_of_a_statement() {
        assertThat(foundIn("""
                \"\"\"
                ended as (
                    update guest g
                    -- Not only those that left
                    set id = h.id
                    from held h
                )
                \"\"\"""")).containsExactly("house writes guest in Made.java");
        assertThat(foundIn("\"\"\"\n\n from room r left join guest g on g.room = r.id \"\"\""))
                .containsExactly("house reads guest in Made.java");
    }

    @Test
    void a_foreign_table_is_found_behind_views_functions_triggers_and_foreign_keys() {
        assertThat(foundIn("\"select id from stay_history\"")).containsExactly("house reads stay in Made.java");
        assertThat(foundIn("\"select make_stay(:day)\"")).containsExactly("house writes stay in Made.java");
        Tables triggered = new Tables(MADE_UP_TABLES, List.of());
        assertThat(notGranted(triggered, Map.of("guest", "people", "stay", "house"), List.of()))
                .containsExactly("house writes guest in a trigger or foreign key of stay");
        Tables deleted = new Tables(
                List.of(
                        "create table room (id uuid); create table key (room uuid references room (id) on delete cascade);"),
                List.of());
        assertThat(notGranted(deleted, Map.of("room", "house", "key", "people"), List.of()))
                .containsExactly("house writes key in a trigger or foreign key of room");
    }

    @Test
    void a_foreign_table_is_found_behind_an_entity() {
        Tables.Source guest = source("people", "@Entity @Table(name = \"guest\") public class Visitor { }");

        assertThat(foundIn(guest, source("house", "@ManyToOne Visitor visitor;")))
                .containsExactly("house reads guest in Made.java");
        assertThat(foundIn(
                        guest, source("house", "class Visitors implements PanacheRepositoryBase<Visitor, UUID> { }")))
                .containsExactly("house writes guest in Made.java");
        assertThat(foundIn(guest, source("house", "String query = \"select v.id from Visitor v\";")))
                .containsExactly("house reads guest in Made.java");
    }

    @Test
    void what_is_no_touch_is_not_taken_for_one() {
        assertThat(foundIn("\"A value that is kept from guest to guest\"")).isEmpty();
        assertThat(foundIn("\"with guest as (select id from room) select id from guest\""))
                .isEmpty();
        assertThat(foundIn("\"select 'from guest' from room -- join guest\"")).isEmpty();
        assertThat(foundIn("'\"'; // \"select id from guest\"\n/* \"select id from guest\" */ String b = \"\""))
                .isEmpty();
    }

    @Test
    void own_tables_are_touched_from_nested_packages_too() {
        Tables tables = new Tables(
                MADE_UP_TABLES,
                List.of(source("people.late", "String sql = \"insert into guest (id) select id from stay\";")));

        assertThat(notGranted(tables, MADE_UP_OWNERS, List.of())).isEmpty();
    }

    @Test
    void a_grant_allows_what_it_says_and_must_be_needed() {
        Grant reading = new Grant("house", Access.READ, "stay", "One statement.");
        Tables reads = new Tables(MADE_UP_TABLES, List.of(source("house", "String sql = \"select id from stay\";")));
        Tables writes = new Tables(MADE_UP_TABLES, List.of(source("house", "String sql = \"delete from stay\";")));

        assertThat(notGranted(reads, MADE_UP_OWNERS, List.of(reading))).isEmpty();
        assertThat(notNeeded(reads, MADE_UP_OWNERS, List.of(reading))).isEmpty();
        assertThat(notGranted(writes, MADE_UP_OWNERS, List.of(reading)))
                .containsExactly("house writes stay in Made.java");
        assertThat(notNeeded(writes, MADE_UP_OWNERS, List.of(reading))).containsExactly(reading);
        Grant more = new Grant("house", Access.WRITE, "stay", "More than it needs.");
        assertThat(notNeeded(reads, MADE_UP_OWNERS, List.of(more))).containsExactly(more);
        Grant own = new Grant("people", Access.READ, "stay", "Its own.");
        assertThat(notNeeded(reads, MADE_UP_OWNERS, List.of(reading, own))).containsExactly(own);
    }

    private static List<String> foundIn(String expression) {
        return foundIn(source("house", "String sql = " + expression + ";"));
    }

    private static List<String> foundIn(Tables.Source... sources) {
        return notGranted(new Tables(MADE_UP_TABLES, List.of(sources)), MADE_UP_OWNERS, List.of());
    }

    private static Tables.Source source(String name, String body) {
        return new Tables.Source("Made.java", "package io.asyncjobs." + name + ";\n" + body);
    }

    private static List<String> notGranted(Tables tables, Map<String, String> owners, List<Grant> grants) {
        List<String> found = new ArrayList<>();
        foreign(tables, owners)
                .forEach((name, touches) -> touches.forEach((touch, places) -> {
                    if (grants.stream().noneMatch(grant -> grant.allows(name, touch))) {
                        found.add(name + " " + touch + " in " + String.join(", ", places));
                    }
                }));
        return found;
    }

    /** Those that nothing uses, or that allow more than is used. */
    private static List<Grant> notNeeded(Tables tables, Map<String, String> owners, List<Grant> grants) {
        Map<String, Map<Touch, Set<String>>> foreign = foreign(tables, owners);
        return grants.stream()
                .filter(grant -> grant.reason().isBlank()
                        || foreign.entrySet().stream()
                                .noneMatch(touched -> belongs(touched.getKey(), grant.toPackage())
                                        && touched.getValue()
                                                .containsKey(new Touch(grant.table(), grant.access() == Access.WRITE))))
                .toList();
    }

    /** By package, what it touches of others and where; with what its writes make the database do. */
    private static Map<String, Map<Touch, Set<String>>> foreign(Tables tables, Map<String, String> owners) {
        Map<String, Map<Touch, Set<String>>> foreign = new TreeMap<>();
        tables.touches()
                .forEach((name, touches) -> touches.forEach((touch, places) -> {
                    if (!belongs(name, owners.getOrDefault(touch.table(), ""))) {
                        add(foreign, name, touch, places);
                    }
                }));
        owners.forEach((table, owner) -> tables.effectsOn(table).stream()
                .filter(touch -> !belongs(owner, owners.getOrDefault(touch.table(), "")))
                .forEach(touch -> add(foreign, owner, touch, Set.of("a trigger or foreign key of " + table))));
        return foreign;
    }

    private static void add(
            Map<String, Map<Touch, Set<String>>> foreign, String name, Touch touch, Set<String> places) {
        foreign.computeIfAbsent(name, key -> new TreeMap<>(Comparator.comparing(Touch::toString)))
                .computeIfAbsent(touch, key -> new HashSet<>())
                .addAll(places);
    }

    private static boolean belongs(String name, String owner) {
        return name.equals(owner) || name.startsWith(owner + ".");
    }

    private static Tables product() throws IOException {
        Path main = Path.of("src/main");
        return new Tables(
                files(main.resolve("resources/db/migration"), ".sql").stream()
                        .sorted(Comparator.comparingInt(TablesTest::version))
                        .map(TablesTest::text)
                        .toList(),
                files(main.resolve("java"), ".java").stream()
                        .map(file -> new Tables.Source(file.getFileName().toString(), text(file)))
                        .toList());
    }

    private static int version(Path migration) {
        String name = migration.getFileName().toString();
        return Integer.parseInt(name.substring(1, name.indexOf("__")));
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
