package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.JobRow;
import io.asyncjobs.dashboard.shell.Notice;
import java.util.List;
import java.util.Locale;

/** What can be done to several jobs at once: what can be done to each. */
public enum BulkAction {
    PAUSE("pause", "Pause", "No new runs start. Runs in progress finish normally.", "primary", Notice.BULK_PAUSED),
    RESUME("resume", "Resume", "The jobs go on at their next ticks.", "primary", Notice.BULK_RESUMED),
    RUN("runs", "Run now", "Starts an extra run of each now.", "primary", Notice.BULK_STARTED),
    ARCHIVE(
            "archive",
            "Archive",
            "Takes the jobs out of use. No new runs start; runs in progress finish normally. Archived jobs can be brought back.",
            "destructive",
            Notice.BULK_ARCHIVED);

    private final String path;
    private final String title;
    private final String words;
    private final String tone;
    private final Notice notice;

    BulkAction(String path, String title, String words, String tone, Notice notice) {
        this.path = path;
        this.title = title;
        this.words = words;
        this.tone = tone;
        this.notice = notice;
    }

    /** The last segment of the address that does it. */
    public String path() {
        return path;
    }

    public String title() {
        return title;
    }

    public String words() {
        return words;
    }

    public String tone() {
        return tone;
    }

    Notice notice() {
        return notice;
    }

    /** What it does to that job as it is now, or why it does nothing. */
    BulkPlan.Row of(JobRow row) {
        boolean archived = row.job().archived();
        boolean paused = row.job().paused();
        String status = row.status();
        return switch (this) {
            case PAUSE ->
                archived
                        ? plan(row, status, false, "Refused: it is archived")
                        : plan(row, status, true, paused ? "Changes end and reason of its pause" : "Is paused");
            case RESUME ->
                paused ? plan(row, status, true, "Is resumed") : plan(row, status, false, "Nothing: it is not paused");
            case RUN -> {
                if (archived) {
                    yield plan(row, status, false, "Refused: it is archived");
                }
                yield row.running()
                        ? plan(row, status, false, "Refused if its run has not ended by then")
                        : plan(row, status, true, paused ? "Runs once and stays paused" : "Runs now");
            }
            case ARCHIVE ->
                archived
                        ? plan(row, status, false, "Nothing: it is archived already")
                        : plan(row, status, true, "Is archived");
        };
    }

    private static BulkPlan.Row plan(JobRow row, String status, boolean acts, String words) {
        return new BulkPlan.Row(row.job().id(), row.job().name(), status, acts, words);
    }

    /** The names by which forms choose. */
    static List<String> names() {
        return List.of(values()).stream()
                .map(action -> action.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
