package io.asyncjobs.run;

import io.asyncjobs.script.LogLine;
import java.util.ArrayList;
import java.util.List;

/** The lines of a run in flight that are not on record yet. Thread-safe. */
final class RunLog {

    private final List<LogLine> pending = new ArrayList<>();
    private int chunk;

    /** Lines to be written together, under the next number of the run. */
    record Chunk(int number, List<LogLine> lines) {}

    synchronized void add(LogLine line) {
        pending.add(line);
    }

    synchronized boolean isEmpty() {
        return pending.isEmpty();
    }

    /** What is pending, which may be nothing; taken once it is {@link #written}. */
    synchronized Chunk pending() {
        return new Chunk(chunk, List.copyOf(pending));
    }

    synchronized void written(Chunk done) {
        pending.subList(0, done.lines().size()).clear();
        chunk++;
    }

    /** Drops what is pending: it cannot be written. */
    synchronized void clear() {
        pending.clear();
    }
}
