package io.asyncjobs.dashboard.runs;

import io.asyncjobs.dashboard.shell.Formats;
import io.asyncjobs.run.history.RunLogs;
import io.asyncjobs.run.history.RunView;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What the page of a run shows of its log: all of a short one, else its beginning and its end.
 *
 * @param total entries on record
 * @param file what the whole log is called when it is saved
 */
public record LogView(List<RunLogs.LogEntry> first, List<RunLogs.LogEntry> last, int total, String file) {

    /** What a page can show without a script that shows what is looked at alone. */
    private static final int SHORT = 600;

    private static final int SHOWN = 200;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    public LogView {
        first = List.copyOf(first);
        last = List.copyOf(last);
    }

    static LogView of(RunView run, RunLogs logs) {
        int total = logs.count(run.id());
        RunLogs.Part first = logs.part(run.id(), 0, total <= SHORT ? SHORT : SHOWN);
        int shown = first.entries().size();
        int from = Math.max(shown, total - SHOWN);
        List<RunLogs.LogEntry> last = from >= total
                ? List.of()
                : logs.part(run.id(), from, total - from).entries();
        return new LogView(first.entries(), last, total, file(run));
    }

    /** {@code close-queries_2026-11-30T20-15-00Z.log}. */
    private static String file(RunView run) {
        return Formats.fileName(run.jobName() == null ? "job" : run.jobName())
                + "_"
                + TIME.format(run.scheduledFor())
                + ".log";
    }

    /** Entries between the two parts, and behind them where they are long. */
    public int left() {
        return total - first.size() - last.size();
    }

    public boolean isEmpty() {
        return first.isEmpty();
    }

    /** The numbers of the log's pages, from 0. */
    public List<Integer> pages() {
        return IntStream.range(0, LogPageView.pages(total)).boxed().toList();
    }
}
