package io.asyncjobs.run.history;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.platform.text.TextSearch;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Finds a text in the logs of recent runs: as many as a search may cost. */
@Singleton
public class LogSearch {

    /** An entry of a log with the text. */
    public record Entry(Instant at, String level, String text) {}

    /** A run in whose log the text was found. */
    public record Hit(
            UUID run,
            UUID job,
            @Nullable String jobName,
            Instant scheduledFor,
            @Nullable String outcome,
            List<Entry> entries) {

        public Hit {
            entries = List.copyOf(entries);
        }
    }

    /**
     * Runs, latest first.
     *
     * @param from the earliest run whose log was looked at; null where there are no logs
     */
    public record Found(List<Hit> hits, @Nullable Instant from) {

        public Found {
            hits = List.copyOf(hits);
        }
    }

    private record Chunk(UUID run, int number, int bytes) {}

    private static final int MOST_CHUNKS = 5_000;
    private static final int MOST_BYTES = 32 * 1024 * 1024;
    private static final int AT_ONCE = 200;
    private static final int BYTES_AT_ONCE = 2 * 1024 * 1024;
    private static final int MOST_ENTRIES = 3;

    private static final String LATEST = """
            select run_id, chunk, octet_length(lines) as bytes
            from run_log
            order by run_id desc, chunk desc
            limit :most
            """;

    private static final String HOLDING = """
            select l.run_id, l.chunk
            from unnest(:runs, :chunks) as k (run_id, chunk)
                join run_log l on l.run_id = k.run_id and l.chunk = k.chunk
            where strpos(lower(l.lines), :words) > 0
            order by l.run_id desc, l.chunk
            """;

    private static final String RUNS = """
            select r.id, r.job_id, v.name, r.scheduled_for, r.outcome
            from unnest(:runs) as k (id)
                join run r on r.id = k.id
                left join job_revision v on v.job_id = r.job_id and v.revision = r.revision
            order by r.id desc
            """;

    private final Jdbi jdbi;
    private final RunHistory history;
    private final ObjectMapper json;

    LogSearch(Jdbi jdbi, RunHistory history, ObjectMapper json) {
        this.jdbi = jdbi;
        this.history = history;
        this.json = json;
    }

    /**
     * The latest runs in whose logs the text stands.
     *
     * @param most how many runs are enough
     * @param goesOn whether there is time for more
     */
    public Found find(TextSearch search, int most, BooleanSupplier goesOn) {
        // As it stands in the JSON of a log
        String words =
                new String(JsonStringEncoder.getInstance().quoteAsString(search.words())).toLowerCase(Locale.ROOT);
        Map<UUID, List<Entry>> entries = new LinkedHashMap<>();
        List<Chunk> chunks = latest();
        int looked = 0;
        long bytes = 0;
        while (looked < chunks.size() && bytes < MOST_BYTES && entries.size() < most && goesOn.getAsBoolean()) {
            List<Chunk> batch = new ArrayList<>();
            long ofBatch = 0;
            while (looked < chunks.size() && batch.size() < AT_ONCE && ofBatch < BYTES_AT_ONCE) {
                Chunk next = chunks.get(looked++);
                batch.add(next);
                ofBatch += next.bytes();
            }
            bytes += ofBatch;
            for (Chunk holding : holding(batch, words)) {
                if (entries.size() < most || entries.containsKey(holding.run())) {
                    read(holding, search, entries);
                }
            }
        }
        return new Found(
                hits(entries), looked == 0 ? null : at(chunks.get(looked - 1).run()));
    }

    private List<Chunk> latest() {
        return jdbi.withHandle(handle -> handle.createQuery(LATEST)
                .bind("most", MOST_CHUNKS)
                .map((row, context) ->
                        new Chunk(row.getObject("run_id", UUID.class), row.getInt("chunk"), row.getInt("bytes")))
                .list());
    }

    private List<Chunk> holding(List<Chunk> batch, String words) {
        return jdbi.withHandle(handle -> handle.createQuery(HOLDING)
                .bindArray("runs", UUID.class, batch.stream().map(Chunk::run).toArray())
                .bindArray(
                        "chunks",
                        Integer.class,
                        batch.stream().map(Chunk::number).toArray())
                .bind("words", words)
                .map((row, context) -> new Chunk(row.getObject("run_id", UUID.class), row.getInt("chunk"), 0))
                .list());
    }

    /** The entries of that chunk with the text: where it only stands in the JSON around them there is none. */
    private void read(Chunk chunk, TextSearch search, Map<UUID, List<Entry>> entries) {
        List<Entry> ofRun = entries.getOrDefault(chunk.run(), new ArrayList<>());
        LogLines lines = new LogLines(history, json, chunk.run(), chunk.number(), 0);
        for (LogLines.Line line = lines.next();
                line != null && line.chunk() == chunk.number() && ofRun.size() < MOST_ENTRIES;
                line = lines.next()) {
            RunLogs.LogEntry entry = RunLogs.LogEntry.of(line.content());
            String text = entry.data() == null ? entry.text() : entry.text() + " " + entry.data();
            search.lines(text, 1).forEach(found -> ofRun.add(new Entry(entry.at(), entry.level(), found.text())));
        }
        if (!ofRun.isEmpty()) {
            entries.put(chunk.run(), ofRun);
        }
    }

    private List<Hit> hits(Map<UUID, List<Entry>> entries) {
        if (entries.isEmpty()) {
            return List.of();
        }
        return jdbi.withHandle(handle -> handle.createQuery(RUNS)
                .bindArray("runs", UUID.class, entries.keySet().toArray())
                .map((row, context) -> {
                    UUID run = row.getObject("id", UUID.class);
                    return new Hit(
                            run,
                            row.getObject("job_id", UUID.class),
                            row.getString("name"),
                            row.getObject("scheduled_for", OffsetDateTime.class).toInstant(),
                            row.getString("outcome"),
                            Objects.requireNonNull(entries.get(run)));
                })
                .list());
    }

    /** The instant that an id was made at. */
    private static Instant at(UUID id) {
        return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
    }
}
