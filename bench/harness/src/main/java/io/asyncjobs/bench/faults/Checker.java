package io.asyncjobs.bench.faults;

import io.asyncjobs.bench.faults.Violation.Kind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells from a history what did not hold of what is promised. Pure functions: neither clock nor database.
 *
 * <p>In the manner of the Jepsen test of the Chronos scheduler, which compares the runs that there were with those that there
 * should have been; here both are known to the tick.
 */
final class Checker {

    private final History history;
    private final List<Violation> violations = new ArrayList<>();
    private final Map<UUID, String> names;
    private final Map<UUID, History.Run> runs = new HashMap<>();

    private Checker(History history) {
        this.history = history;
        this.names = history.jobs().stream().collect(Collectors.toMap(History.Job::id, History.Job::name));
        history.runs().forEach(run -> runs.put(run.id(), run));
    }

    static List<Violation> check(History history) {
        Checker checker = new Checker(history);
        new TickCheck(history, checker.violations::add).check();
        checker.reports();
        checker.ends();
        checker.states();
        checker.probes();
        checker.changes();
        checker.configurations();
        return List.copyOf(checker.violations);
    }

    // ---- What scripts told ----

    private void reports() {
        Map<String, List<Report>> byJob = new HashMap<>();
        for (Report report : history.reports()) {
            byJob.computeIfAbsent(report.job(), name -> new ArrayList<>()).add(report);
        }
        Set<UUID> unrecorded = new HashSet<>();
        byJob.forEach((job, reports) -> {
            reports.sort(Comparator.comparingLong(Report::at));
            Report begunBy = null;
            Set<UUID> seen = new HashSet<>();
            for (Report report : reports) {
                History.Run run = runs.get(report.run());
                if (run == null && unrecorded.add(report.run())) {
                    violation(
                            Kind.UNRECORDED_RUN,
                            job,
                            "run " + report.run() + " told of its " + report.what() + " at " + seconds(report.at())
                                    + " and is not on record");
                }
                if (begunBy == null) {
                    begunBy = report;
                    seen.add(report.run());
                } else if (!begunBy.run().equals(report.run())) {
                    if (seen.add(report.run())) {
                        History.Run before = runs.get(begunBy.run());
                        if (run != null && before != null && run.epoch() < before.epoch()) {
                            violation(Kind.LATE_START, job, told(run, report) + " after " + told(before, begunBy));
                        } else {
                            begunBy = report;
                        }
                    } else {
                        violation(
                                report.effect() ? Kind.EFFECT_OF_FENCED_RUN : Kind.OVERLAP,
                                job,
                                told(run, report) + " after " + told(runs.get(begunBy.run()), begunBy));
                    }
                }
            }
        });
    }

    private static String told(History.@Nullable Run run, Report report) {
        return "run " + report.run() + (run == null ? "" : " of epoch " + run.epoch() + " (" + run.outcome() + ")")
                + " told of its " + report.what() + " at " + seconds(report.at());
    }

    // ---- What is on record of runs ----

    private void ends() {
        Map<UUID, Integer> started = new HashMap<>();
        Map<UUID, Integer> ended = new HashMap<>();
        Set<String> telling = new HashSet<>();
        for (Report report : history.reports()) {
            telling.add(report.job());
            if (report.what() == Report.What.START) {
                started.merge(report.run(), 1, Integer::sum);
            } else if (report.what() == Report.What.END) {
                ended.merge(report.run(), 1, Integer::sum);
            }
        }
        Set<UUID> leased = history.timers().stream()
                .map(History.Timer::leaseRun)
                .filter(run -> run != null)
                .collect(Collectors.toSet());
        for (History.Run run : history.runs()) {
            String job = names.getOrDefault(run.job(), run.job().toString());
            int starts = started.getOrDefault(run.id(), 0);
            int ends = ended.getOrDefault(run.id(), 0);
            if (run.succeeded() && telling.contains(job) && (starts != 1 || ends != 1)) {
                violation(
                        Kind.WRONG_RECORD,
                        job,
                        "run " + run.id() + " succeeded and told of " + starts + " starts and " + ends + " ends");
            } else if (starts > 1 || ends > 1) {
                violation(
                        Kind.WRONG_RECORD,
                        job,
                        "run " + run.id() + " (" + run.outcome() + ") told of " + starts + " starts and " + ends
                                + " ends");
            }
            if (run.outcome() == null && !leased.contains(run.id())) {
                violation(Kind.RUN_WITHOUT_END, job, "run " + run.id() + " has no outcome and no lease");
            }
        }
    }

    // ---- State ----

    private void states() {
        Map<UUID, Long> read = new HashMap<>();
        for (Report report : history.reports()) {
            if (report.what() == Report.What.START && report.value() >= 0) {
                read.put(report.run(), report.value());
            }
        }
        Map<UUID, Long> stored = history.states().stream()
                .collect(Collectors.toMap(History.StoredState::job, History.StoredState::value));
        Map<UUID, List<History.Run>> byJob = history.runs().stream().collect(Collectors.groupingBy(History.Run::job));
        for (History.Job job : history.jobs()) {
            if (!history.counting().contains(job.name())) {
                continue;
            }
            List<History.Run> ordered = new ArrayList<>(byJob.getOrDefault(job.id(), List.of()));
            ordered.sort(Comparator.comparingLong(History.Run::epoch));
            long value = 0;
            String writer = "no run";
            for (History.Run run : ordered) {
                Long seen = read.get(run.id());
                if (seen == null) {
                    continue;
                }
                if (seen != value) {
                    violation(
                            Kind.STALE_STATE,
                            job.name(),
                            "run " + run.id() + " of epoch " + run.epoch() + " (" + run.outcome() + ") read " + seen
                                    + " where " + writer + " had left " + value);
                    value = seen;
                }
                if (run.succeeded()) {
                    value = seen + 1;
                    writer = "run " + run.id() + " of epoch " + run.epoch();
                }
            }
            long kept = stored.getOrDefault(job.id(), 0L);
            if (kept != value) {
                violation(Kind.STALE_STATE, job.name(), "kept is " + kept + " where " + writer + " had left " + value);
            }
        }
    }

    // ---- The trail ----

    private void probes() {
        for (History.Run run : history.runs()) {
            String job = names.getOrDefault(run.job(), "");
            if (!history.probing().contains(job)) {
                continue;
            }
            int events = history.probes().getOrDefault(run.id(), 0);
            // What a run had recorded when it failed, or its worker ended, is kept by its own node alone
            boolean wrong = run.succeeded() ? events != 1 : events > (run.takenOver() ? 0 : 1);
            if (wrong) {
                violation(
                        Kind.WRONG_AUDIT,
                        job,
                        "run " + run.id() + " (" + run.outcome() + ") has " + events + " events");
            }
        }
    }

    private void changes() {
        Map<String, List<History.Event>> events = new HashMap<>();
        for (History.Event event : history.events()) {
            if (event.reason() != null) {
                events.computeIfAbsent(event.reason(), reason -> new ArrayList<>())
                        .add(event);
            }
        }
        Map<String, Long> revisions = history.revisions().stream()
                .filter(revision -> revision.reason() != null)
                .collect(Collectors.groupingBy(revision -> String.valueOf(revision.reason()), Collectors.counting()));
        Set<String> existing = new HashSet<>(names.values());
        for (Change change : history.changes()) {
            List<History.Event> told = events.getOrDefault(change.reason(), List.of());
            String what = change.action() + " (" + change.reason() + ") at " + seconds(change.sentAt())
                    + " was answered with " + change.status() + " at " + seconds(change.answeredAt());
            // Of what is so already nothing is changed
            boolean mayBeNone =
                    change.action().equals("resume") || change.action().equals("cancel");
            if (told.size() > 1) {
                violation(Kind.CHANGE_TWICE, change.job(), what + " and has " + told.size() + " events");
            } else if (change.isSuccess() && told.isEmpty() && !mayBeNone) {
                violation(Kind.CHANGE_LOST, change.job(), what + " and has no event");
            } else if (change.isRefusal() && !told.isEmpty()) {
                violation(Kind.REFUSED_CHANGE, change.job(), what + " and has an event");
            }
            boolean revised =
                    switch (change.action()) {
                        case "create", "update", "archive", "unarchive" -> true;
                        default -> false;
                    };
            long saved = revisions.getOrDefault(change.reason(), 0L);
            if (revised && existing.contains(change.job()) && saved != told.size()) {
                violation(
                        Kind.HALF_CHANGE,
                        change.job(),
                        what + ": " + saved + " revisions and " + told.size() + " events");
            }
            if (change.action().equals("create")
                    && told.size() == 1
                    && !existing.contains(change.job())
                    && history.events().stream()
                            .noneMatch(event -> event.action().equals("delete")
                                    && event.job().equals(told.getFirst().job()))) {
                violation(Kind.HALF_CHANGE, change.job(), what + ": an event, and no such job");
            }
            if (change.action().equals("create") && told.isEmpty() && existing.contains(change.job())) {
                violation(Kind.HALF_CHANGE, change.job(), what + ": a job, and no event");
            }
            if (change.action().equals("run") && !told.isEmpty()) {
                UUID run = told.getFirst().run();
                if (run == null || !runs.containsKey(run)) {
                    violation(Kind.HALF_CHANGE, change.job(), what + ": an event, and no run " + run);
                } else if (change.run() != null && !change.run().equals(run)) {
                    violation(Kind.HALF_CHANGE, change.job(), what + " with the run " + change.run() + ", not " + run);
                }
            }
        }
    }

    /** What jobs are is what the trail says they became. */
    private void configurations() {
        Map<UUID, List<History.Event>> byJob =
                history.events().stream().collect(Collectors.groupingBy(History.Event::job));
        for (History.Job job : history.jobs()) {
            boolean archived = false;
            boolean paused = false;
            int interval = job.intervalSeconds();
            List<History.Event> events = new ArrayList<>(byJob.getOrDefault(job.id(), List.of()));
            events.sort(Comparator.comparingLong(History.Event::seq));
            for (History.Event event : events) {
                archived = event.archived() == null ? archived : event.archived();
                paused = event.paused() == null ? paused : event.paused();
                interval = event.intervalSeconds() == null ? interval : event.intervalSeconds();
            }
            if (archived != job.archived() || paused != job.paused() || interval != job.intervalSeconds()) {
                violation(
                        Kind.HALF_CHANGE,
                        job.name(),
                        "by the trail it is archived=" + archived + " paused=" + paused + " interval=" + interval
                                + ", by its row archived=" + job.archived() + " paused=" + job.paused()
                                + " interval=" + job.intervalSeconds());
            }
        }
    }

    private void violation(Kind kind, String job, String evidence) {
        violations.add(new Violation(kind, job, evidence));
    }

    static String instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
    }
}
