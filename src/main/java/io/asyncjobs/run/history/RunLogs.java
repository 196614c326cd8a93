package io.asyncjobs.run.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Parts of runs' logs, for pages. */
@Singleton
public class RunLogs {

    /**
     * An entry of a run's log. Text and data are the script's.
     *
     * @param data JSON, where the script gave any
     */
    public record LogEntry(
            Instant at, String level, String text, @Nullable String data) {

        static LogEntry of(JsonNode line) {
            return new LogEntry(
                    Instant.parse(line.path("at").asText()),
                    line.path("level").asText(),
                    line.path("text").asText(),
                    line.has("data") ? line.get("data").toString() : null);
        }

        int chars() {
            return text.length() + (data == null ? 0 : data.length());
        }
    }

    /**
     * Some entries that follow each other.
     *
     * @param cut whether fewer than asked for, since they are long
     */
    public record Part(List<LogEntry> entries, boolean cut) {

        public Part {
            entries = List.copyOf(entries);
        }
    }

    /** What a page holds of long entries. */
    private static final int MAX_CHARS = 512 * 1024;

    private record Chunk(int number, int lines) {}

    private final RunHistory history;
    private final ObjectMapper json;
    private final Jdbi jdbi;

    RunLogs(RunHistory history, ObjectMapper json, Jdbi jdbi) {
        this.history = history;
        this.json = json;
        this.jdbi = jdbi;
    }

    /** How many entries are on record. */
    public int count(UUID run) {
        return chunks(run).stream().mapToInt(Chunk::lines).sum();
    }

    /** Entries of the log, from that one on, counted from 0. */
    public Part part(UUID run, int from, int most) {
        int line = from;
        int chunk = 0;
        for (Chunk next : chunks(run)) {
            chunk = next.number();
            if (line < next.lines()) {
                break;
            }
            line -= next.lines();
            chunk++;
        }
        LogLines lines = new LogLines(history, json, run, chunk, line);
        List<LogEntry> entries = new ArrayList<>();
        int chars = 0;
        for (LogLines.Line next = entries.size() < most ? lines.next() : null;
                next != null;
                next = entries.size() < most ? lines.next() : null) {
            LogEntry entry = LogEntry.of(next.content());
            chars += entry.chars();
            if (chars > MAX_CHARS && !entries.isEmpty()) {
                return new Part(entries, true);
            }
            entries.add(entry);
        }
        return new Part(entries, false);
    }

    private List<Chunk> chunks(UUID run) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select chunk, json_array_length(lines::json) as lines
                        from run_log_history
                        where run_id = :run
                        order by chunk
                        """)
                .bind("run", run)
                .map((row, context) -> new Chunk(row.getInt("chunk"), row.getInt("lines")))
                .list());
    }
}
