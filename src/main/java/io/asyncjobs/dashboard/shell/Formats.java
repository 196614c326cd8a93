package io.asyncjobs.dashboard.shell;

import io.asyncjobs.run.history.RunActivities;
import io.asyncjobs.run.ledger.TickSeriesView;
import io.quarkus.qute.TemplateExtension;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** How values are written on pages; plain text throughout, escaped by the template. */
@TemplateExtension
public final class Formats {

    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final Pattern NOT_IN_FILE_NAMES = Pattern.compile("[^\\p{L}\\p{N}._-]+");
    private static final int MOST_OF_FILE_NAME = 100;

    private static final int SHORT_DIGEST = 8;
    private static final int BARS = 4;

    private static final Map<String, String> OUTCOMES = Map.of(
            "running", "running",
            "succeeded", "succeeded",
            "failed", "failed",
            "timed_out", "timed out",
            "limit_exceeded", "over limit",
            "cancelled", "cancelled",
            "lost", "lost");

    private Formats() {}

    /** {@code 2026-01-31 12:00:00}, in UTC. */
    public static String utc(Instant instant) {
        return UTC.format(instant);
    }

    /** {@code 850 ms}, {@code 1.5 s}, {@code 2 min 5 s}. */
    static String duration(Long millis) {
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return "%.1f s".formatted(millis / 1000.0);
        }
        return "%d min %d s".formatted(millis / 60_000, millis / 1000 % 60);
    }

    /** {@code 12,345}. */
    public static String count(Long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 2.5 s}, with as many digits as tell something. */
    static String seconds(Double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    }

    /** As {@link #duration(Long)}. */
    static String millis(Double millis) {
        return millis < 10 ? String.format(Locale.ROOT, "%.1f ms", millis) : duration(Math.round(millis));
    }

    /** A bucket's length: {@code 30 s}, {@code minute}, {@code 2 hours}. */
    static String span(Long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        if (minutes < 60) {
            return minutes == 1 ? "minute" : minutes + " minutes";
        }
        long hours = minutes / 60;
        return hours == 1 ? "hour" : hours + " hours";
    }

    /** Runs of a bucket that ended so. */
    static Long outcomeOf(TickSeriesView.Bucket bucket, String outcome) {
        return bucket.outcomes().getOrDefault(outcome, 0L);
    }

    /** Ticks of a bucket that had no run for that reason. */
    static Long gapOf(TickSeriesView.Bucket bucket, String reason) {
        return bucket.gaps().getOrDefault(reason, 0L);
    }

    /** {@code 12:00:00.123}, in UTC. */
    static String clock(Instant instant) {
        return CLOCK.format(instant);
    }

    /** A mark of an axis, in UTC. */
    static String axis(Instant instant, String form) {
        return (form.equals("day") ? DAY : MINUTE).format(instant);
    }

    /** A name as that of a file, whatever system it is saved on. */
    public static String fileName(String name) {
        String plain = NOT_IN_FILE_NAMES.matcher(name).replaceAll("-");
        int length = Math.min(MOST_OF_FILE_NAME, plain.codePointCount(0, plain.length()));
        return plain.substring(0, plain.offsetByCodePoints(0, length));
    }

    /** An outcome in words; null stands for a run that goes on. */
    public static String outcomeWords(@Nullable String outcome) {
        return OUTCOMES.getOrDefault(outcome == null ? "running" : outcome, String.valueOf(outcome));
    }

    /** The latest runs in words, for who cannot see their strip. */
    static String stripWords(List<RunActivities.Mark> marks) {
        Map<String, Long> counts = marks.stream()
                .collect(Collectors.groupingBy(
                        mark -> outcomeWords(mark.outcome()), LinkedHashMap::new, Collectors.counting()));
        return "Of the latest " + marks.size() + " runs: "
                + counts.entrySet().stream()
                        .map(count -> count.getValue() + " " + count.getKey())
                        .collect(Collectors.joining(", "));
    }

    /** The outcome of a run in a strip. */
    static String words(RunActivities.Mark mark) {
        return outcomeWords(mark.outcome());
    }

    /** Where a bar of a digest begins. */
    static int barLeft(Integer bar) {
        return bar * 4;
    }

    /** The beginning of a digest, enough to tell those on one page apart. */
    static String shortDigest(String digest) {
        return digest.substring(0, Math.min(SHORT_DIGEST, digest.length()));
    }

    /** Colours that are the same for equal digests and hardly ever for others. */
    static List<String> digestColours(String digest) {
        byte[] bytes = HexFormat.of().parseHex(digest.substring(0, 4 * BARS));
        return IntStream.range(0, BARS)
                .mapToObj(bar -> "hsl(%d %d%% %d%%)"
                        .formatted(
                                (bytes[2 * bar] & 0xff) * 360 / 256,
                                45 + (bytes[2 * bar + 1] & 0x0f) * 2,
                                42 + (bytes[2 * bar + 1] >> 4 & 0x0f)))
                .toList();
    }
}
