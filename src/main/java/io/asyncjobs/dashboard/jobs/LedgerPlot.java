package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.form.UtcInput;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Formats;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Wording;
import io.asyncjobs.job.RevisionSummary;
import io.asyncjobs.run.ledger.Ledger;
import io.asyncjobs.run.ledger.TickSeriesView;
import io.asyncjobs.run.ledger.TicksView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of a job, drawn: what became of its ticks, and how long runs took against the interval. Shapes lie in a field of
 * {@value #WIDTH} by {@value #HEIGHT} that the page stretches; times of runs are on a logarithmic scale.
 *
 * @param outcomes of runs that occur, in the order they are stacked
 * @param reasons of gaps that occur, in the order they are stacked above them
 * @param most ticks in a bucket
 * @param interval where the line of the interval lies, from above
 * @param saves the saves of the job within the window
 * @param decades labels of the scale of durations, the longest first
 */
public record LedgerPlot(
        Window window,
        TicksView ticks,
        TickSeriesView series,
        List<String> outcomes,
        List<String> reasons,
        List<Bar> bars,
        long most,
        String p50,
        String p95,
        String interval,
        List<Save> saves,
        List<String> decades,
        List<Instant> marks) {

    static final int WIDTH = 1_000;
    static final int HEIGHT = 100;

    private static final int MOST_BUCKETS = 90;
    private static final int MARKS = 4;
    private static final double GUTTER = 0.12;
    private static final List<String> KNOWN_OUTCOMES =
            List.of("succeeded", "failed", "timed_out", "limit_exceeded", "lost", "cancelled");
    private static final List<String> KNOWN_REASONS = List.of("overlap", "paused", "down", "lost");

    /** How far back the plot looks. */
    public enum Window {
        HOUR("1h", "1 hour", Duration.ofHours(1), "time"),
        DAY("24h", "24 hours", Duration.ofHours(24), "time"),
        WEEK("7d", "7 days", Duration.ofDays(7), "day");

        private final String key;
        private final String title;
        private final Duration length;
        private final String form;

        Window(String key, String title, Duration length, String form) {
            this.key = key;
            this.title = title;
            this.length = length;
            this.form = form;
        }

        static Window of(@Nullable String key) {
            return Stream.of(values())
                    .filter(window -> window.key.equals(key))
                    .findFirst()
                    .orElse(DAY);
        }

        public String key() {
            return key;
        }

        public String title() {
            return title;
        }

        /** How times are written along it. */
        public String form() {
            return form;
        }
    }

    /**
     * A bucket.
     *
     * @param path where its runs are listed
     * @param x where it begins, and how wide it is, as SVG takes them
     */
    public record Bar(String title, String path, String x, String width, List<Segment> segments) {}

    /** A revision that was saved within the window, and where it lies. */
    public record Save(int revision, String title, String path, String x) {}

    /** A part of a bar; numbers as SVG takes them. */
    public record Segment(String kind, String x, String y, String width, String height) {}

    /** @param revisions of the job, as many of the latest as are to be marked */
    static LedgerPlot of(Ledger ledger, UUID job, Window window, List<RevisionSummary> revisions) {
        TicksView asked = ledger.ticks(job, null, null);
        Instant to = asked.to();
        Instant from = to.minus(window.length);
        TicksView ticks = window == Window.DAY ? asked : ledger.ticks(job, from, to);
        return of(job, window, ticks, ledger.series(job, from, to, MOST_BUCKETS), revisions);
    }

    private static LedgerPlot of(
            UUID job, Window window, TicksView ticks, TickSeriesView series, List<RevisionSummary> revisions) {
        List<TickSeriesView.Bucket> buckets = series.buckets();
        List<String> outcomes = ordered(ticks.outcomes().keySet(), KNOWN_OUTCOMES);
        List<String> reasons = ordered(ticks.gaps().keySet(), KNOWN_REASONS);
        long most = Math.max(
                1,
                buckets.stream()
                        .mapToLong(TickSeriesView.Bucket::expected)
                        .max()
                        .orElse(1));
        Scale scale = Scale.of(series);
        long seconds = series.bucketSeconds() * buckets.size();
        return new LedgerPlot(
                window,
                ticks,
                series,
                outcomes,
                reasons,
                IntStream.range(0, buckets.size())
                        .mapToObj(i -> bar(job, series, i, most, outcomes, reasons))
                        .toList(),
                most,
                line(buckets, scale, bucket -> bucket.durationMillis().p50()),
                line(buckets, scale, bucket -> bucket.durationMillis().p95()),
                number(scale.y(series.configuredIntervalSeconds() * 1_000.0)),
                revisions.stream()
                        .filter(saved -> !saved.savedAt().isBefore(series.from())
                                && saved.savedAt().isBefore(series.from().plusSeconds(seconds)))
                        .map(saved -> save(job, saved, series.from(), seconds))
                        .toList(),
                scale.labels(),
                IntStream.rangeClosed(0, MARKS)
                        .mapToObj(i -> series.from().plusSeconds(seconds * i / MARKS))
                        .toList());
    }

    /** Those that occur: the known ones in their order, then the others. */
    private static List<String> ordered(Set<String> occurring, List<String> known) {
        return Stream.concat(
                        known.stream().filter(occurring::contains),
                        new TreeSet<>(occurring).stream().filter(name -> !known.contains(name)))
                .toList();
    }

    /** Whether there is anything to draw. */
    public boolean isEmpty() {
        return ticks.expected() == 0;
    }

    /** All windows. */
    public Window[] windows() {
        return Window.values();
    }

    /** What the drawing says, in a sentence. */
    public String words() {
        StringBuilder words = new StringBuilder("%s expected in the last %s: %s ran"
                .formatted(
                        ticks.expected() == 1 ? "1 tick" : Formats.count(ticks.expected()) + " ticks",
                        window.title(),
                        Formats.count(ticks.ran())));
        if (ticks.late() > 0) {
            words.append(", ").append(Formats.count(ticks.late())).append(" of them late");
        }
        for (String outcome : outcomes) {
            words.append(", ")
                    .append(Formats.count(outcome(outcome)))
                    .append(' ')
                    .append(spelled(outcome));
        }
        ticks.gaps().forEach((reason, count) -> words.append(", ")
                .append(Formats.count(count))
                .append(" without a run: ")
                .append(reason));
        return words.append('.').toString();
    }

    /** Runs of that outcome in the whole window. */
    public long outcome(String outcome) {
        return ticks.outcomes().getOrDefault(outcome, 0L);
    }

    /** Runs of the whole window that go on, or whose outcome was not added up. */
    public long otherRuns() {
        return otherRuns(ticks.ran(), ticks.outcomes());
    }

    private static long otherRuns(long ran, Map<String, Long> outcomes) {
        return ran - outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** An outcome as it heads a column. */
    public String heading(String outcome) {
        String words = spelled(outcome);
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    private static String spelled(String outcome) {
        return outcome.replace('_', ' ');
    }

    /** Ticks of that reason in the whole window. */
    public long gap(String reason) {
        return ticks.gaps().getOrDefault(reason, 0L);
    }

    /** The buckets that have ticks, latest first. */
    public List<TickSeriesView.Bucket> filled() {
        return series.buckets().reversed().stream()
                .filter(bucket -> bucket.expected() > 0)
                .toList();
    }

    /** Where the runs of a bucket are listed. */
    public String runsPath(UUID job, TickSeriesView.Bucket bucket) {
        return runsPath(job, series, bucket);
    }

    private static String runsPath(UUID job, TickSeriesView series, TickSeriesView.Bucket bucket) {
        return Address.of(Shell.Section.JOBS.path() + "/" + job + "/runs")
                .with("from", UtcInput.format(bucket.from()))
                .with("to", UtcInput.format(bucket.from().plusSeconds(series.bucketSeconds())))
                .toString();
    }

    private static Save save(UUID job, RevisionSummary saved, Instant from, long seconds) {
        double x = WIDTH * (Duration.between(from, saved.savedAt()).toMillis() / 1000.0) / seconds;
        return new Save(
                saved.revision(),
                "%s UTC: revision %d saved by %s"
                        .formatted(Formats.utc(saved.savedAt()), saved.revision(), Wording.visible(saved.savedBy())),
                Shell.Section.JOBS.path() + "/" + job + "/revisions/" + saved.revision(),
                number(x));
    }

    private static Bar bar(
            UUID job, TickSeriesView series, int index, long most, List<String> outcomes, List<String> reasons) {
        TickSeriesView.Bucket bucket = series.buckets().get(index);
        double step = (double) WIDTH / series.buckets().size();
        List<Segment> segments = new ArrayList<>();
        List<String> words = new ArrayList<>();
        double top = HEIGHT;
        List<Map.Entry<String, Long>> parts = new ArrayList<>();
        for (String outcome : outcomes) {
            parts.add(Map.entry(outcome, bucket.outcomes().getOrDefault(outcome, 0L)));
        }
        parts.add(Map.entry("ran", otherRuns(bucket.ran(), bucket.outcomes())));
        if (bucket.late() > 0) {
            words.add(Formats.count(bucket.late()) + " late");
        }
        for (String reason : reasons) {
            parts.add(Map.entry(reason, bucket.gaps().getOrDefault(reason, 0L)));
        }
        for (Map.Entry<String, Long> part : parts) {
            if (part.getValue() > 0) {
                double height = (double) HEIGHT * part.getValue() / most;
                top -= height;
                segments.add(new Segment(
                        part.getKey(),
                        number(step * (index + GUTTER)),
                        number(top),
                        number(step * (1 - 2 * GUTTER)),
                        number(height)));
                words.add(Formats.count(part.getValue()) + " " + spelled(part.getKey()));
            }
        }
        return new Bar(
                Formats.utc(bucket.from()) + " UTC: " + String.join(", ", words),
                runsPath(job, series, bucket),
                number(step * index),
                number(step),
                segments);
    }

    /** A path through the buckets that have a value, with a dot where one stands alone. */
    private static String line(
            List<TickSeriesView.Bucket> buckets, Scale scale, Function<TickSeriesView.Bucket, @Nullable Double> value) {
        double step = (double) WIDTH / buckets.size();
        StringBuilder path = new StringBuilder();
        boolean drawn = false;
        for (int i = 0; i < buckets.size(); i++) {
            Double millis = value.apply(buckets.get(i));
            if (millis != null) {
                path.append(drawn ? 'L' : 'M')
                        .append(number(step * (i + 0.5)))
                        .append(' ')
                        .append(number(scale.y(millis)))
                        .append(drawn ? "" : "h0.01");
            }
            drawn = millis != null;
        }
        return path.toString();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** Powers of ten of milliseconds, from the lower to the upper end. */
    private record Scale(int low, int high) {

        static Scale of(TickSeriesView series) {
            double least = Double.MAX_VALUE;
            double most = series.configuredIntervalSeconds() * 1_000.0;
            for (TickSeriesView.Bucket bucket : series.buckets()) {
                Double p50 = bucket.durationMillis().p50();
                Double p95 = bucket.durationMillis().p95();
                least = p50 == null ? least : Math.min(least, p50);
                most = p95 == null ? most : Math.max(most, p95);
            }
            int high = (int) Math.ceil(Math.log10(most));
            int low = (int) Math.floor(Math.log10(Math.clamp(least, 1, most)));
            return new Scale(Math.min(low, high - 1), high);
        }

        double y(double millis) {
            return HEIGHT * (1 - (Math.log10(Math.max(1, millis)) - low) / (high - low));
        }

        List<String> labels() {
            return IntStream.rangeClosed(low, high)
                    .mapToObj(power -> label(power))
                    .toList()
                    .reversed();
        }

        private static String label(int power) {
            return power < 3
                    ? (long) Math.pow(10, power) + " ms"
                    : Formats.count((long) Math.pow(10, power - 3)) + " s";
        }
    }
}
