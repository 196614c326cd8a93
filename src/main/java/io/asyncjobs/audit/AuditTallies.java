package io.asyncjobs.audit;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Counts the events that a filter takes, exactly, without reading all of them: the trail does not change, so that each full
 * block of it is tallied once. A text that is frequent in a block is in its tally; one that is rare there is counted by its
 * index. What stands behind the last full block is counted by index too.
 */
final class AuditTallies {

    /** How many places a block has. */
    static final long BLOCK = 10_000;

    /** A text that so many events of a block have is in its tally: so a tally is small, and what is rare is quickly counted. */
    private static final int FREQUENT = 100;

    private static final List<String> COLUMNS =
            List.of("actor", "on_behalf_of", "entity_type", "entity_id", "entity_name", "job_id");

    /** Places from {@code low} to {@code high} with {@code events} that a filter takes. */
    private record Part(long low, long high, long events) {}

    /** Where to look for a page: between these places, and how many to pass over first. */
    record Stretch(long low, long high, long skip) {

        static final Stretch NONE = new Stretch(1, 0, 0);
    }

    private record Block(
            long number,
            long events,
            @Nullable Instant firstAt,
            @Nullable Instant lastAt) {

        long low() {
            return number * BLOCK + 1;
        }

        long high() {
            return (number + 1) * BLOCK;
        }

        boolean isOutside(AuditFilter filter) {
            return lastAt == null
                    || firstAt == null
                    || (filter.from() != null && lastAt.isBefore(filter.from()))
                    || (filter.to() != null && !firstAt.isBefore(filter.to()));
        }

        boolean isInside(AuditFilter filter) {
            return lastAt != null
                    && firstAt != null
                    && (filter.from() == null || !firstAt.isBefore(filter.from()))
                    && (filter.to() == null || lastAt.isBefore(filter.to()));
        }
    }

    /** How many events a filter takes, and where they stand. */
    static final class Counts {

        private final List<Part> parts;

        private Counts(List<Part> ascending) {
            this.parts = List.copyOf(ascending);
        }

        long total() {
            return parts.stream().mapToLong(Part::events).sum();
        }

        /** Those that the others are not; both of the same trail, and these may have some more at its end. */
        Counts without(Counts others) {
            Map<Long, Long> taken = new HashMap<>();
            others.parts.forEach(part -> taken.put(part.low(), part.events()));
            return new Counts(parts.stream()
                    .map(part -> new Part(
                            part.low(), part.high(), Math.max(0, part.events() - taken.getOrDefault(part.low(), 0L))))
                    .toList());
        }

        /** Where the events stand that follow so many others in that order. */
        Stretch page(long offset, int size, boolean descending) {
            long before = 0;
            long skip = 0;
            List<Part> found = new ArrayList<>();
            for (Part part : descending ? parts.reversed() : parts) {
                if (before + part.events() > offset && part.events() > 0) {
                    skip = found.isEmpty() ? offset - before : skip;
                    found.add(part);
                }
                before += part.events();
                if (before >= offset + size) {
                    break;
                }
            }
            return stretch(found, skip);
        }

        /** Where the events stand that follow that place in that order. */
        Stretch behind(long place, int size, boolean descending) {
            long events = 0;
            List<Part> found = new ArrayList<>();
            for (Part part : descending ? parts.reversed() : parts) {
                boolean holdsPlace = part.low() <= place && place <= part.high();
                boolean follows = descending ? part.high() < place : part.low() > place;
                if ((holdsPlace || follows) && part.events() > 0) {
                    found.add(part);
                    // Of the part with the place in it, perhaps none follows
                    events += holdsPlace ? 0 : part.events();
                }
                if (events >= size) {
                    break;
                }
            }
            Stretch all = stretch(found, 0);
            return descending
                    ? new Stretch(all.low(), Math.min(all.high(), place - 1), 0)
                    : new Stretch(Math.max(all.low(), place + 1), all.high(), 0);
        }

        private static Stretch stretch(List<Part> found, long skip) {
            return found.isEmpty()
                    ? Stretch.NONE
                    : new Stretch(
                            found.stream().mapToLong(Part::low).min().orElseThrow(),
                            found.stream().mapToLong(Part::high).max().orElseThrow(),
                            skip);
        }
    }

    private final Jdbi jdbi;
    private long next = -1;

    AuditTallies(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Tallies the next full block, of a chain that ends there; returns whether there is another. For one thread. */
    boolean rollUp(long head) {
        if (next < 0) {
            next = jdbi.withHandle(handle -> handle.createQuery("select coalesce(max(block), -1) + 1 from audit_block")
                    .mapTo(Long.class)
                    .one());
        }
        if (head / BLOCK <= next) {
            return false;
        }
        jdbi.useTransaction(handle -> tally(handle, next));
        next++;
        return head / BLOCK > next;
    }

    private static void tally(Handle handle, long block) {
        int made = handle.createUpdate("""
                        insert into audit_block (block, events, first_at, last_at)
                        select :block, count(*), min(at), max(at) from audit_event where seq between :low and :high
                        on conflict (block) do nothing
                        """)
                .bind("block", block)
                .bind("low", block * BLOCK + 1)
                .bind("high", (block + 1) * BLOCK)
                .execute();
        if (made == 0) {
            // Another node was first
            return;
        }
        handle.createUpdate("""
                        with event as (
                            select %s from audit_event where seq between :low and :high
                        ), counted as (
                            select %s, %s from event
                        )
                        insert into audit_tally (block, %s, events)
                        select :block, %s, count(*)
                        from counted
                        group by %s
                        """.formatted(
                                each("hashtextextended(%1$s::text, 0) as %1$s"),
                                each("%1$s"),
                                each("count(*) over (partition by %1$s) as n_%1$s"),
                                each("%1$s"),
                                each("case when n_%1$s >= " + FREQUENT + " then %1$s end"),
                                each("case when n_%1$s >= " + FREQUENT + " then %1$s end")))
                .bind("block", block)
                .bind("low", block * BLOCK + 1)
                .bind("high", (block + 1) * BLOCK)
                .execute();
    }

    private static String each(String form) {
        return COLUMNS.stream().map(form::formatted).collect(Collectors.joining(", "));
    }

    /** What the filter takes now. */
    static Counts count(Handle handle, AuditFilter filter) {
        // Nearly all events are of scripts; the others are counted by their own index
        return filter.by() == AuditBy.SCRIPTS
                ? countAll(handle, filter.by(null)).without(countAll(handle, filter.by(AuditBy.PEOPLE)))
                : countAll(handle, filter);
    }

    private static Counts countAll(Handle handle, AuditFilter filter) {
        List<Block> blocks = handle.createQuery(
                        "select block, events, first_at, last_at from audit_block order by block")
                .map((row, context) -> new Block(
                        row.getLong("block"),
                        row.getLong("events"),
                        instant(row.getObject("first_at", OffsetDateTime.class)),
                        instant(row.getObject("last_at", OffsetDateTime.class))))
                .list();
        long head = handle.createQuery("select coalesce(max(seq), 0) from audit_event")
                .mapTo(Long.class)
                .one();
        Map<Long, Long> events = new TreeMap<>();
        blocks.forEach(block -> events.put(block.number(), 0L));
        List<Set<AuditFilter.Literal>> subsets = subsets(filter.alternatives());
        Map<Long, long[]> tallies =
                isWithoutTexts(subsets) || filter.by() != null ? Map.of() : tallies(handle, filter, subsets);
        long tail = blocks.isEmpty() ? 0 : blocks.getLast().number() + 1;
        for (int i = 0; i < subsets.size(); i++) {
            // The union of alternatives, by including and excluding what several of them take
            int sign = Integer.bitCount(i + 1) % 2 == 1 ? 1 : -1;
            List<long[]> ranges = new ArrayList<>();
            for (Block block : blocks) {
                long[] tally = tallies.get(block.number());
                if (block.isOutside(filter)) {
                    continue;
                }
                if (filter.by() == null
                        && block.isInside(filter)
                        && subsets.get(i).isEmpty()) {
                    events.merge(block.number(), block.events(), Long::sum);
                } else if (block.isInside(filter) && tally != null && tally[2 * i + 1] == 1) {
                    events.merge(block.number(), sign * tally[2 * i], Long::sum);
                } else {
                    add(ranges, block.low(), block.high());
                }
            }
            if (head > tail * BLOCK) {
                add(ranges, tail * BLOCK + 1, head);
            }
            counted(handle, filter, subsets.get(i), ranges)
                    .forEach((block, number) -> events.merge(Math.min(block, tail), sign * number, Long::sum));
        }
        List<Part> parts = new ArrayList<>();
        events.forEach((block, number) ->
                parts.add(new Part(block * BLOCK + 1, block == tail ? head : (block + 1) * BLOCK, number)));
        return new Counts(parts);
    }

    /** Each non-empty subset of the alternatives as what must hold for all of them; the bits of its index plus one say which. */
    private static List<Set<AuditFilter.Literal>> subsets(List<List<AuditFilter.Literal>> alternatives) {
        List<Set<AuditFilter.Literal>> subsets = new ArrayList<>();
        for (int bits = 1; bits < 1 << alternatives.size(); bits++) {
            Set<AuditFilter.Literal> literals = new LinkedHashSet<>();
            for (int i = 0; i < alternatives.size(); i++) {
                if ((bits >> i & 1) == 1) {
                    literals.addAll(alternatives.get(i));
                }
            }
            subsets.add(literals);
        }
        return subsets;
    }

    private static boolean isWithoutTexts(List<Set<AuditFilter.Literal>> subsets) {
        return subsets.stream().allMatch(Collection::isEmpty);
    }

    /** By block: for each subset how many, and 1 where that is all of them, since each of its texts is frequent there. */
    private static Map<Long, long[]> tallies(
            Handle handle, AuditFilter filter, List<Set<AuditFilter.Literal>> subsets) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < subsets.size(); i++) {
            List<String> texts =
                    subsets.get(i).stream().map(AuditFilter.Literal::tallySql).toList();
            columns.add("coalesce(sum(events) filter (where " + String.join(" and ", texts) + "), 0) as n" + i);
            columns.add("case when "
                    + texts.stream()
                            .map(text -> "bool_or(coalesce(" + text + ", false))")
                            .collect(Collectors.joining(" and "))
                    + " then 1 else 0 end as all" + i);
        }
        Map<Long, long[]> tallies = new HashMap<>();
        String any = subsets.stream()
                .flatMap(Collection::stream)
                .distinct()
                .map(AuditFilter.Literal::tallySql)
                .collect(Collectors.joining(" or "));
        filter.bind(handle.createQuery("select block, " + String.join(", ", columns) + " from audit_tally where " + any
                        + " group by block"))
                .map((row, context) -> {
                    long[] values = new long[2 * subsets.size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = row.getLong(i + 2);
                    }
                    return Map.entry(row.getLong("block"), values);
                })
                .forEach(entry -> tallies.put(entry.getKey(), entry.getValue()));
        return tallies;
    }

    private static void add(List<long[]> ranges, long low, long high) {
        if (!ranges.isEmpty() && ranges.getLast()[1] + 1 == low) {
            ranges.getLast()[1] = high;
        } else {
            ranges.add(new long[] {low, high});
        }
    }

    /** By index, block by block. */
    private static Map<Long, Long> counted(
            Handle handle, AuditFilter filter, Set<AuditFilter.Literal> literals, List<long[]> ranges) {
        if (ranges.isEmpty()) {
            return Map.of();
        }
        String texts = literals.isEmpty()
                ? "true"
                : literals.stream().map(AuditFilter.Literal::digestSql).collect(Collectors.joining(" and "));
        Map<Long, Long> counts = new HashMap<>();
        filter.bind(handle.createQuery("""
                        select counted.block, counted.events
                        from unnest(:lows, :highs) as stretch (low, high)
                            -- Each stretch by itself, by an index that has seq in it: all events with that text may be millions
                            cross join lateral (
                                select (e.seq - 1) / %d as block, count(*) as events
                                from audit_event e
                                where e.seq between stretch.low and stretch.high and %s and %s
                                group by 1
                            ) as counted
                        """.formatted(BLOCK, texts, filter.timeSql())))
                .bindArray(
                        "lows",
                        Long.class,
                        ranges.stream().map(range -> range[0]).toArray())
                .bindArray(
                        "highs",
                        Long.class,
                        ranges.stream().map(range -> range[1]).toArray())
                .map((row, context) -> Map.entry(row.getLong("block"), row.getLong("events")))
                .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
        return counts;
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime at) {
        return at == null ? null : at.toInstant();
    }
}
