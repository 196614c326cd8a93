package io.asyncjobs.dashboard.runs;

import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.run.history.RunLogs;
import io.asyncjobs.run.history.RunView;
import java.util.List;

/**
 * A page of a run's log.
 *
 * @param page from 0
 * @param pages how many there are
 * @param first the number of its first entry, from 1
 * @param cut whether its last entries are left out, since they are long
 */
public record LogPageView(int page, int pages, int first, int total, List<RunLogs.LogEntry> entries, boolean cut) {

    private static final int SIZE = 1_000;

    public LogPageView {
        entries = List.copyOf(entries);
    }

    static LogPageView of(RunView run, RunLogs logs, int page) {
        int total = logs.count(run.id());
        int pages = pages(total);
        if (page < 0 || page >= Math.max(1, pages)) {
            throw new UnknownException("The log has " + pages + " pages.");
        }
        RunLogs.Part part = logs.part(run.id(), page * SIZE, SIZE);
        return new LogPageView(page, pages, page * SIZE + 1, total, part.entries(), part.cut());
    }

    /** How many pages so many entries make. */
    static int pages(int entries) {
        return (entries + SIZE - 1) / SIZE;
    }

    /** The number of its last entry. */
    public int last() {
        return first + entries.size() - 1;
    }

    public boolean hasPrevious() {
        return page > 0;
    }

    public boolean hasNext() {
        return page + 1 < pages;
    }
}
