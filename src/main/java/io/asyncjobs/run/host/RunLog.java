package io.asyncjobs.run.host;

import io.asyncjobs.script.LogLine;
import java.util.ArrayList;
import java.util.List;

/** The lines of a run in flight that are not on record yet. Thread-safe. */
public final class RunLog {

    private final List<LogLine> pending = new ArrayList<>();
    private int chunk;

    /** Lines to be written together, under the next number of the run. */
    public record Chunk(int number, List<LogLine> lines) {}

    public synchronized void add(LogLine line) {
        pending.add(line);
    }

    public synchronized boolean isEmpty() {
        return pending.isEmpty();
    }

    /** What is pending, which may be nothing; taken once it is {@link #written}. */
    public synchronized Chunk pending() {
        return new Chunk(chunk, List.copyOf(pending));
    }

    public synchronized void written(Chunk done) {
        pending.subList(0, done.lines().size()).clear();
        chunk++;
    }

    /** Drops what is pending: it cannot be written. */
    public synchronized void clear() {
        pending.clear();
    }
}
