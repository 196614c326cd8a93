package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.testsupport.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The chain beside events that cannot be appended and beside a trail that loses its end, in a schema of its own. */
class AuditChainTest {

    private static final String SCHEMA = "chained";

    /** md5('job1') */
    private static final UUID A_JOB = UUID.fromString("0fa5f03a-2fe5-da42-d187-527e86f47de5");

    private final AuditSeals seals = AuditSeals.of(List.of(KeyRing.newKey("k1")), Optional.empty());
    private final Jdbi jdbi = Jdbi.create(() -> {
                Connection connection = TestDatabase.ofThisJvm().connect();
                connection.setSchema(SCHEMA);
                return connection;
            })
            .installPlugin(new PostgresPlugin());
    private final AuditChain chain = new AuditChain(jdbi, seals);

    @BeforeEach
    void begin() {
        jdbi.useHandle(handle -> {
            handle.execute("drop schema if exists " + SCHEMA + " cascade");
            handle.execute("create schema " + SCHEMA);
        });
        migrate("V13__audit_event");
    }

    @AfterEach
    void end() {
        jdbi.useHandle(handle -> handle.execute("drop schema " + SCHEMA + " cascade"));
    }

    @Test
    void trail_that_an_event_has_jammed_goes_on_after_the_upgrade() {
        // Characters that do not compress
        String name = new Random(1)
                .ints(1_000, 0x4e00, 0x4e00 + 20_000)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        waits("ordinary", "first");
        waits("long", name);
        waits("ordinary", "last");
        assertThatThrownBy(() -> jdbi.useHandle(handle -> handle.execute("""
                        insert into audit_event
                        select position, id, at, actor, on_behalf_of, via, entity_type, entity_id, entity_name, action, before,
                            after, reason, job_id, run_id, key_id, seal, seal, seal
                        from audit_waiting
                        """))).hasMessageContaining("index row size");

        migrate("V35__audit_indexes_of_digests");
        migrate("V36__audit_set_aside");
        chain.catchUp();

        assertThat(linked()).containsExactly("ordinary", "long", "ordinary");
        assertThat(firstFault()).isEmpty();
    }

    @Test
    void refused_event_is_set_aside_and_delays_no_other() {
        upgrade();
        jdbi.useHandle(handle ->
                handle.execute("alter table audit_event add constraint no_poison check (action <> 'poison')"));
        waits("before", "1");
        waits("poison", "2");
        waits("after", "3");

        chain.catchUp();

        assertThat(linked()).containsExactly("before", "after");
        assertThat(firstFault()).isEmpty();
        assertThat(setAside()).singleElement().asString().contains("no_poison");
        waits("later", "4");
        chain.catchUp();
        chain.retrySetAside();
        assertThat(linked()).containsExactly("before", "after", "later");
        assertThat(setAside()).hasSize(1);

        jdbi.useHandle(handle -> handle.execute("alter table audit_event drop constraint no_poison"));
        chain.retrySetAside();

        assertThat(linked()).containsExactly("before", "after", "later", "poison");
        assertThat(setAside()).isEmpty();
        assertThat(firstFault()).isEmpty();
    }

    @Test
    void tail_that_is_cut_off_shows_at_the_next_look_and_for_ever_after() {
        upgrade();
        for (int i = 0; i < 5; i++) {
            waits("change", Integer.toString(i));
        }
        chain.catchUp();
        assertThat(chain.seen().fault()).isEmpty();

        cutFrom(4);
        chain.catchUp();

        assertThat(chain.seen().fault().orElseThrow().kind()).isEqualTo(AuditFault.Kind.CUT);
        assertThat(chain.seen().fault().orElseThrow().seq()).isEqualTo(4);
        waits("change", "more");
        chain.catchUp();
        assertThat(linked()).hasSize(4);
        assertThat(chain.seen().fault()).isPresent();
    }

    @Test
    void tail_that_is_cut_off_and_grown_again_on_another_node_shows_too() {
        upgrade();
        AuditChain other = new AuditChain(jdbi, seals);
        for (int i = 0; i < 5; i++) {
            waits("change", Integer.toString(i));
        }
        chain.catchUp();

        cutFrom(4);
        for (int i = 0; i < 9; i++) {
            waits("change", "again " + i);
        }
        other.catchUp();
        assertThat(other.seen().fault()).isEmpty();
        assertThat(firstFault()).as("of the trail alone").isEmpty();

        chain.catchUp();
        assertThat(chain.seen().fault().orElseThrow().kind()).isEqualTo(AuditFault.Kind.REWRITTEN);
    }

    @Test
    void pages_and_totals_are_those_that_counting_everything_gives() {
        upgrade();
        migrate("V37__audit_tallies");
        int events = (int) AuditTallies.BLOCK * 2 + 5_000;
        jdbi.useHandle(handle -> {
            handle.execute("""
                    insert into audit_event (seq, id, at, actor, on_behalf_of, via, entity_type, entity_id, entity_name,
                        action, job_id, key_id, seal, previous_hash, hash)
                    select n, md5('e' || n)::uuid, timestamptz '2026-01-01Z' + n * interval '1 second'
                            - (case when n %% 50 = 0 then 300 else 0 end) * interval '1 second',
                        'actor-' || (case when n < 12000 then n %% 3 else n %% 400 end),
                        case when n %% 7 = 0 then 'actor-1' end, 'api',
                        case when n %% 1000 = 0 then 'account' else 'type-' || n %% 2 end,
                        case when n %% 3 = 0 then 'both' else 'id-' || n end,
                        case when n %% 3 = 0 then 'both' when n %% 3 = 1 then 'name-' || n %% 300 when n %% 5 = 0 then 'actor-1' end,
                        'change', md5('job' || n %% 5)::uuid, 'k1', '', '', 'h' || n
                    from generate_series(1, %d) as n
                    """.formatted(events));
            handle.execute("analyze audit_event");
        });
        AuditTallies tallies = new AuditTallies(jdbi);
        assertThat(tallies.rollUp(events)).isTrue();
        assertThat(tallies.rollUp(events)).isFalse();
        assertThat(tallies.rollUp(events)).isFalse();
        AuditHistory history = new AuditHistory(jdbi, chain);
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            AuditFilter filter = filter(random);
            boolean descending = random.nextBoolean();
            int size = 1 + random.nextInt(60);
            List<Long> all =
                    jdbi.withHandle(handle -> filter.bind(handle.createQuery("select seq from audit_event where "
                                    + filter.sql() + " order by seq" + (descending ? " desc" : "")))
                            .mapTo(Long.class)
                            .list());
            int page = random.nextInt(all.size() / size + 2);
            PageView<AuditEventView> answer =
                    history.list(filter, PageRequest.of(page, size, descending ? "-seq" : "seq"));
            int from = Math.min(all.size(), page * size);
            assertThat(answer.total()).as("seed %d: %s", seed, filter).isEqualTo(all.size());
            assertThat(answer.items())
                    .extracting(AuditEventView::seq)
                    .as("seed %d: page %d of %d of %s", seed, page, size, filter)
                    .isEqualTo(all.subList(from, Math.min(all.size(), from + size)));
            if (from > 0) {
                // Behind the last event of the page before
                assertThat(history.list(filter, PageRequest.of(0, size, descending ? "-seq" : "seq"), all.get(from - 1))
                                .items())
                        .extracting(AuditEventView::seq)
                        .as("seed %d: after %d of %s", seed, all.get(from - 1), filter)
                        .isEqualTo(all.subList(from, Math.min(all.size(), from + size)));
            }
        }
    }

    private static AuditFilter filter(Random random) {
        Instant from = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(26_000));
        return new AuditFilter(
                oneOf(random, "type-0", "type-1", "account", "none"),
                oneOf(random, "both", "id-7", "name-1", "id-23456", "actor-1"),
                oneOf(random, "actor-0", "actor-1", "actor-399", "nobody"),
                random.nextInt(4) == 0 ? A_JOB : null,
                oneOf(random, "actor-1", "actor-2"),
                random.nextInt(3) == 0 ? from : null,
                random.nextInt(3) == 0 ? from.plusSeconds(random.nextInt(15_000)) : null);
    }

    private static @Nullable String oneOf(Random random, String... texts) {
        return random.nextInt(2) == 0 ? null : texts[random.nextInt(texts.length)];
    }

    private void upgrade() {
        migrate("V35__audit_indexes_of_digests");
        migrate("V36__audit_set_aside");
    }

    private void migrate(String name) {
        String path = "/db/migration/" + name + ".sql";
        try (InputStream script = Objects.requireNonNull(getClass().getResourceAsStream(path), path)) {
            String sql = new String(script.readAllBytes(), StandardCharsets.UTF_8);
            jdbi.useTransaction(handle -> {
                try (var statement = handle.getConnection().createStatement()) {
                    statement.execute(sql);
                }
            });
        } catch (IOException | java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void cutFrom(long seq) {
        jdbi.useTransaction(handle -> {
            handle.execute("alter table audit_event disable trigger audit_event_unchangeable");
            handle.execute("grant delete on audit_event to current_user");
            handle.execute("delete from audit_event where seq >= " + seq);
            handle.execute("alter table audit_event enable always trigger audit_event_unchangeable");
        });
    }

    private void waits(String action, String entityName) {
        AuditRecord event = new AuditRecord(
                UUID.randomUUID(),
                Instant.parse("2026-01-31T12:00:00Z"),
                "ada",
                null,
                "api",
                "job",
                "1",
                entityName,
                action,
                null,
                "{}",
                null,
                null,
                null,
                "k1");
        jdbi.useHandle(handle -> handle.execute(
                """
                insert into audit_waiting (id, at, actor, via, entity_type, entity_id, entity_name, action, after, key_id, seal)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                event.id(),
                event.at().atOffset(ZoneOffset.UTC),
                event.actor(),
                event.via(),
                event.entityType(),
                event.entityId(),
                event.entityName(),
                event.action(),
                event.after(),
                event.keyId(),
                seals.seal(event).orElseThrow()));
    }

    private List<String> linked() {
        return jdbi.withHandle(handle -> handle.createQuery("select action from audit_event order by seq")
                .mapTo(String.class)
                .list());
    }

    private List<String> setAside() {
        return jdbi.withHandle(handle -> handle.createQuery("select reason from audit_set_aside")
                .mapTo(String.class)
                .list());
    }

    private Optional<AuditFault> firstFault() {
        ChainCheck check = new ChainCheck(seals, List.of());
        return new AuditHistory(jdbi, chain).read(AuditFilter.ALL, events -> {
            while (events.hasNext()) {
                Optional<AuditFault> fault = check.next(events.next());
                if (fault.isPresent()) {
                    return fault;
                }
            }
            return check.end();
        });
    }
}
