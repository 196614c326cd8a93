package io.asyncjobs.bench.faults;

import io.asyncjobs.bench.faults.Violation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Whether each tick of each job's active life has one run or is part of one gap, and nothing else has. */
final class TickCheck {

    /** What was claimed ahead of a change may still run if the word of it was lost. */
    private static final long CLAIMED_AHEAD_MICROS = 250_000;

    /** A change without an answer may come later: the service's sessions are given up after so long. */
    private static final long LONGEST_TRANSACTION_MICROS = 30_000_000;

    /** Instants of one change differ by so much at most, where two nodes' clocks name them. */
    private static final long SAME_MICROS = 20_000;

    private static final long MICROS = 1_000_000;

    /** Evidence names the grids of so long before and after. */
    private static final long NEAR_MICROS = 30 * MICROS;

    /** So many ticks tell one grid from another. */
    private static final int MOST_COMPARED = 50;

    private final History history;
    private final Consumer<Violation> violations;

    TickCheck(History history, Consumer<Violation> violations) {
        this.history = history;
        this.violations = violations;
    }

    /**
     * What a job's grid was for a time; {@code until} is excluded.
     *
     * @param begun how long the change that began it was under way at most: before it was there, nobody could run its ticks
     * @param under the same of the change that ended it: until it was there, ticks went by the old grid
     */
    private record Stretch(long since, long until, long begun, long under, boolean active, int intervalSeconds) {

        long step() {
            return intervalSeconds * MICROS;
        }

        long latestFirst() {
            return since + begun + step() + SAME_MICROS;
        }
    }

    void check() {
        Map<UUID, List<History.Revision>> revisions =
                history.revisions().stream().collect(Collectors.groupingBy(History.Revision::job));
        Map<UUID, List<History.Run>> runsOf =
                history.runs().stream().filter(History.Run::timer).collect(Collectors.groupingBy(History.Run::job));
        Map<UUID, List<History.Gap>> gapsOf = history.gaps().stream().collect(Collectors.groupingBy(History.Gap::job));
        Map<UUID, History.Timer> timers =
                history.timers().stream().collect(Collectors.toMap(History.Timer::job, Function.identity()));
        for (History.Job job : history.jobs()) {
            TreeMap<Long, String> covered = new TreeMap<>();
            for (History.Run run : runsOf.getOrDefault(job.id(), List.of())) {
                cover(job, covered, run.scheduledFor(), "run " + run.id() + " " + run.outcome());
            }
            for (History.Gap gap : gapsOf.getOrDefault(job.id(), List.of())) {
                for (long i = 0; i < gap.ticks(); i++) {
                    cover(
                            job,
                            covered,
                            gap.firstTick() + i * gap.intervalSeconds() * MICROS,
                            "gap " + gap.reason() + " from " + Checker.instant(gap.firstTick()));
                }
            }
            History.Timer timer = timers.get(job.id());
            List<Stretch> stretches = stretches(revisions.getOrDefault(job.id(), List.of()));
            if (timer == null || !timer.current()) {
                violation(
                        Kind.UNACCOUNTED_TICK,
                        job,
                        timer == null ? "it has no timer" : "its timer was never made to match it");
                continue;
            }
            follow(job, covered, stretches, timer);
        }
    }

    private void cover(History.Job job, TreeMap<Long, String> covered, long tick, String by) {
        String before = covered.putIfAbsent(tick, by);
        if (before != null) {
            violation(Kind.DOUBLED_TICK, job, Checker.instant(tick) + " has " + before + " and " + by);
        }
    }

    private List<Stretch> stretches(List<History.Revision> unsorted) {
        List<History.Revision> revisions = new ArrayList<>(unsorted);
        revisions.sort(Comparator.comparingInt(History.Revision::revision));
        List<Stretch> stretches = new ArrayList<>();
        for (History.Revision revision : revisions) {
            if (!stretches.isEmpty()) {
                Stretch last = stretches.getLast();
                if (last.active() == !revision.archived() && last.intervalSeconds() == revision.intervalSeconds()) {
                    continue;
                }
                stretches.set(
                        stretches.size() - 1,
                        new Stretch(
                                last.since(),
                                revision.savedAt(),
                                last.begun(),
                                under(revision.reason()),
                                last.active(),
                                last.intervalSeconds()));
            }
            stretches.add(new Stretch(
                    revision.savedAt(),
                    Long.MAX_VALUE,
                    under(revision.reason()),
                    0,
                    !revision.archived(),
                    revision.intervalSeconds()));
        }
        return stretches;
    }

    /** Microseconds from when the change of that reason was asked for until it was there, or could not come any more. */
    private long under(@Nullable String reason) {
        return history.changes().stream()
                .filter(change -> change.reason().equals(reason))
                .mapToLong(change -> (change.answeredAt() - change.sentAt()) / 1_000
                        + (change.isSuccess() ? 0 : LONGEST_TRANSACTION_MICROS))
                .max()
                .orElse(0);
    }

    /**
     * Follows the job's grids from tick to tick, and takes each out of what is covered.
     *
     * <p>Until a change was there, ticks went by the old grid, and nobody outside knows that moment exactly. So a tick that
     * follows the instant of the change can be of the old grid, of the new one, or of both.
     */
    private void follow(History.Job job, TreeMap<Long, String> covered, List<Stretch> stretches, History.Timer timer) {
        NavigableSet<Long> ofEither = new TreeSet<>();
        for (Stretch stretch : stretches) {
            if (!stretch.active()) {
                continue;
            }
            boolean open = stretch.until() == Long.MAX_VALUE;
            Long nextTick = timer.nextTick();
            long until = open ? (nextTick == null ? stretch.since() : nextTick) : stretch.until();
            Long first = first(stretch, covered.keySet(), ofEither, until);
            if (first == null) {
                // Too short to have had one, or not begun yet
                if (until - SAME_MICROS > stretch.latestFirst()) {
                    violation(
                            Kind.UNACCOUNTED_TICK,
                            job,
                            "nothing covers the first tick of the grid of " + Checker.instant(stretch.since()));
                }
                continue;
            }
            long tick = first;
            long end = open ? until : until + CLAIMED_AHEAD_MICROS + stretch.under();
            while (tick < end) {
                boolean there = covered.remove(tick) != null;
                if (there && tick >= until - SAME_MICROS) {
                    ofEither.add(tick);
                } else if (!there && tick < until - SAME_MICROS && !ofEither.contains(tick)) {
                    violation(
                            Kind.UNACCOUNTED_TICK,
                            job,
                            Checker.instant(tick) + " has neither run nor gap; grid of " + stretch.intervalSeconds()
                                    + " s since " + Checker.instant(stretch.since()));
                }
                tick += stretch.step();
            }
            if (open && tick != until) {
                violation(
                        Kind.STRAY_TICK,
                        job,
                        "the next tick " + Checker.instant(until) + " is not on the grid that begins with "
                                + Checker.instant(first));
            }
        }
        covered.forEach((tick, by) -> violation(
                Kind.STRAY_TICK,
                job,
                Checker.instant(tick) + " is on no grid of the job: " + by + "; grids near it: "
                        + near(tick, stretches)));
    }

    private static String near(long tick, List<Stretch> stretches) {
        return stretches.stream()
                .filter(stretch ->
                        stretch.since() < tick + NEAR_MICROS && stretch.until() > tick - NEAR_MICROS - stretch.under())
                .map(stretch -> (stretch.active() ? stretch.intervalSeconds() + " s" : "archived") + " since "
                        + Checker.instant(stretch.since())
                        + (stretch.until() == Long.MAX_VALUE
                                ? ""
                                : ", ended by a change of " + stretch.under() / 1_000 + " ms"))
                .collect(Collectors.joining("; "));
    }

    /**
     * The first tick of a grid: of those within its first interval after the change was there, the one that most ticks follow
     * at its distance.
     */
    private static @Nullable Long first(Stretch stretch, Set<Long> covered, NavigableSet<Long> ofEither, long until) {
        TreeSet<Long> known = new TreeSet<>(ofEither);
        known.addAll(covered);
        Long found = null;
        long most = 0;
        for (long candidate : known.subSet(stretch.since() - SAME_MICROS, false, stretch.latestFirst(), true)) {
            long ticks = LongStream.iterate(candidate, tick -> tick < until, tick -> tick + stretch.step())
                    .limit(MOST_COMPARED)
                    .filter(known::contains)
                    .count();
            if (found == null || ticks > most) {
                found = candidate;
                most = ticks;
            }
        }
        return found;
    }

    private void violation(Kind kind, History.Job job, String evidence) {
        violations.accept(new Violation(kind, job.name(), evidence));
    }
}
