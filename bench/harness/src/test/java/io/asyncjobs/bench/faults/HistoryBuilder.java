package io.asyncjobs.bench.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A history of one job of a second, made by hand: times are seconds from its creation. */
final class HistoryBuilder {

    static final String NAME = "job";

    private static final long MICROS = 1_000_000;
    private static final long CREATED = 1_700_000_000L * MICROS;
    private static final long PHASE = MICROS / 2;

    final UUID job = new UUID(1, 1);
    final List<Report> reports = new ArrayList<>();
    final List<Change> changes = new ArrayList<>();
    final List<History.Revision> revisions = new ArrayList<>();
    final List<History.Run> runs = new ArrayList<>();
    final List<History.Gap> gaps = new ArrayList<>();
    final List<History.Event> events = new ArrayList<>();
    final Map<UUID, Integer> probes = new HashMap<>();
    private boolean archived;
    private boolean paused;
    private int interval = 1;
    private boolean timerCurrent = true;
    private @Nullable Long nextTick;
    private @Nullable UUID leaseRun;
    private long stored;
    private boolean exists = true;

    HistoryBuilder() {
        revisions.add(new History.Revision(job, 1, false, 1, CREATED, "created"));
    }

    static UUID run(int number) {
        return new UUID(2, number);
    }

    /** The instant of that tick of the first grid: half a second after the creation, and each second. */
    static long tick(double number) {
        return CREATED + PHASE + Math.round(number * MICROS);
    }

    static long second(double seconds) {
        return CREATED + Math.round(seconds * MICROS);
    }

    /** A run at that tick, with the epoch of its number. */
    HistoryBuilder ran(int number, double tick, @Nullable String outcome) {
        runs.add(new History.Run(run(number), job, true, tick(tick), tick(tick), outcome, number, false));
        return this;
    }

    /** A run at that tick that began on a node which somebody took for dead. */
    HistoryBuilder takenOver(int number, double tick) {
        runs.add(new History.Run(run(number), job, true, tick(tick), tick(tick), "lost", number, true));
        return this;
    }

    /** Runs at so many ticks from the first on, all of which succeeded and told so. */
    HistoryBuilder ranWell(int ticks) {
        for (int i = 0; i < ticks; i++) {
            ran(i, i, "succeeded");
            told(i, Report.What.START, i + 0.5, i);
            told(i, Report.What.END, i + 0.6, -1);
            probes.put(run(i), 1);
        }
        stored = ticks;
        return nextTick(ticks);
    }

    HistoryBuilder told(int run, Report.What what, double seconds, long value) {
        return told(run, what, seconds, value, false);
    }

    HistoryBuilder told(int run, Report.What what, double seconds, long value, boolean effect) {
        reports.add(new Report((long) (seconds * 1e9), NAME, run(run), what, effect, value));
        return this;
    }

    HistoryBuilder gap(double firstTick, long ticks, String reason) {
        gaps.add(new History.Gap(job, tick(firstTick), ticks, 1, reason));
        return this;
    }

    HistoryBuilder nextTick(double tick) {
        nextTick = tick(tick);
        return this;
    }

    HistoryBuilder nextTickAt(long instant) {
        nextTick = instant;
        return this;
    }

    HistoryBuilder revision(double at, boolean nowArchived, int nowInterval, String reason) {
        revisions.add(new History.Revision(job, revisions.size() + 1, nowArchived, nowInterval, second(at), reason));
        archived = nowArchived;
        interval = nowInterval;
        if (nowArchived) {
            nextTick = null;
        }
        return this;
    }

    HistoryBuilder event(String action, String reason, @Nullable UUID run) {
        events.add(new History.Event(
                events.size(),
                action,
                job,
                run,
                reason,
                switch (action) {
                    case "archive" -> true;
                    case "unarchive" -> false;
                    default -> null;
                },
                switch (action) {
                    case "pause" -> true;
                    case "resume" -> false;
                    default -> null;
                },
                null));
        return this;
    }

    HistoryBuilder change(String action, String reason, int status, @Nullable UUID run) {
        changes.add(new Change(0, 1, action, NAME, reason, status, run));
        return this;
    }

    HistoryBuilder paused() {
        paused = true;
        return this;
    }

    HistoryBuilder stored(long value) {
        stored = value;
        return this;
    }

    HistoryBuilder staleTimer() {
        timerCurrent = false;
        return this;
    }

    HistoryBuilder leased(int run) {
        leaseRun = run(run);
        return this;
    }

    HistoryBuilder gone() {
        exists = false;
        return this;
    }

    History build() {
        return new History(
                reports,
                changes,
                exists ? List.of(new History.Job(job, NAME, archived, paused, interval)) : List.of(),
                exists ? revisions : List.of(),
                exists ? List.of(new History.Timer(job, nextTick, interval, timerCurrent, leaseRun)) : List.of(),
                runs,
                gaps,
                events,
                probes,
                List.of(new History.StoredState(job, stored)),
                List.of(NAME),
                List.of(NAME));
    }
}
