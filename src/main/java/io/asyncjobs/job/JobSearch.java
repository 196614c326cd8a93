package io.asyncjobs.job;

import io.asyncjobs.platform.text.TextSearch;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Finds a text in jobs: in their names, descriptions, parameters and scripts. Scripts are sealed in the tables, so they are
 * opened here, some at a time; none is kept.
 */
@Singleton
public class JobSearch {

    /**
     * A place where the text stands.
     *
     * @param field of the job, as the API calls it
     * @param revision the latest one with that script; null for what the job is now
     * @param line of the script; null in other fields
     * @param text the line, or the part of it around what was found
     */
    public record Place(
            String field,
            @Nullable Integer revision,
            @Nullable Integer line,
            String text) {}

    /** A job in which the text was found. */
    public record Hit(UUID id, String name, boolean archived, List<Place> places) {

        public Hit {
            places = List.copyOf(places);
        }
    }

    /**
     * Jobs by name, those first whose name or description has it.
     *
     * @param complete whether everything was looked at
     */
    public record Found(List<Hit> hits, boolean complete) {

        public Found {
            hits = List.copyOf(hits);
        }
    }

    private record Named(UUID id, String name, boolean archived) {}

    /** A script and one job that has it. */
    private record Use(Named job, @Nullable Integer revision, String sha256, int bytes) {}

    private static final int MOST_LINES = 3;

    /** Scripts of one job in which a text is shown, where all revisions are searched. */
    private static final int MOST_REVISIONS = 5;

    private static final int MOST_USES = 200_000;
    private static final int AT_ONCE = 200;
    private static final int BYTES_AT_ONCE = 4 * 1024 * 1024;

    private static final String FIELDS = """
            select id, name, archived, strpos(lower(name), :words) > 0 as by_name,
                case when strpos(lower(description), :words) > 0 then description end as description,
                case when p.at > 0 then substr(parameters, greatest(1, p.at - 200), 600) end as parameters
            from job
                cross join lateral (select strpos(lower(parameters), :words) as at) p
            where strpos(lower(name), :words) > 0 or strpos(lower(description), :words) > 0 or p.at > 0
            order by (strpos(lower(name), :words) > 0) desc, name_key
            limit :most
            """;

    private static final String CURRENT = """
            select j.id, j.name, j.archived, null::integer as revision, s.sha256, octet_length(s.content) as bytes
            from job j
                join script s on s.sha256 = j.script_sha256
            order by j.name_key
            limit :most
            """;

    private static final String ALL = """
            select j.id, j.name, j.archived, case when r.sha256 <> j.script_sha256 then r.revision end as revision,
                s.sha256, octet_length(s.content) as bytes
            from job j
                join (
                    select job_id, script_sha256 as sha256, max(revision) as revision
                    from job_revision
                    group by job_id, script_sha256) r on r.job_id = j.id
                join script s on s.sha256 = r.sha256
            order by j.name_key, r.revision desc
            limit :most
            """;

    private final Jdbi jdbi;
    private final StoredScripts scripts;

    JobSearch(Jdbi jdbi, StoredScripts scripts) {
        this.jdbi = jdbi;
        this.scripts = scripts;
    }

    /**
     * The jobs in which the text stands.
     *
     * @param revisions whether scripts of earlier revisions count, too
     * @param most how many jobs are enough
     * @param goesOn whether there is time for more
     */
    public Found find(TextSearch search, boolean revisions, int most, BooleanSupplier goesOn) {
        Map<Named, List<Place>> hits = new LinkedHashMap<>();
        inFields(search, most + 1, hits);
        boolean complete = hits.size() <= most && inScripts(search, revisions, most, goesOn, hits);
        return new Found(
                hits.entrySet().stream()
                        .limit(most)
                        .map(hit -> new Hit(
                                hit.getKey().id(),
                                hit.getKey().name(),
                                hit.getKey().archived(),
                                hit.getValue()))
                        .toList(),
                complete);
    }

    private void inFields(TextSearch search, int most, Map<Named, List<Place>> hits) {
        jdbi.useHandle(handle -> handle.createQuery(FIELDS)
                .bind("words", search.lowerCase())
                .bind("most", most)
                .map((row, context) -> {
                    Named job = new Named(
                            row.getObject("id", UUID.class), row.getString("name"), row.getBoolean("archived"));
                    List<Place> places = hits.computeIfAbsent(job, unused -> new ArrayList<>());
                    if (row.getBoolean("by_name")) {
                        places.add(new Place("name", null, null, job.name()));
                    }
                    addText(search, "description", row.getString("description"), places);
                    addText(search, "parameters", row.getString("parameters"), places);
                    return job;
                })
                .list());
    }

    private static void addText(TextSearch search, String field, @Nullable String text, List<Place> places) {
        if (text != null) {
            search.lines(text, 1).forEach(line -> places.add(new Place(field, null, null, line.text())));
        }
    }

    /** Whether all scripts were looked at. */
    private boolean inScripts(
            TextSearch search, boolean revisions, int most, BooleanSupplier goesOn, Map<Named, List<Place>> hits) {
        Map<String, List<Use>> bySource = new LinkedHashMap<>();
        for (Use use : uses(revisions)) {
            bySource.computeIfAbsent(use.sha256(), unused -> new ArrayList<>()).add(use);
        }
        List<String> batch = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<String, List<Use>> source : bySource.entrySet()) {
            int size = source.getValue().getFirst().bytes();
            if (batch.size() == AT_ONCE || (!batch.isEmpty() && bytes + size > BYTES_AT_ONCE)) {
                if (!lookInto(batch, bySource, search, most, hits) || !goesOn.getAsBoolean()) {
                    return false;
                }
                batch.clear();
                bytes = 0;
            }
            batch.add(source.getKey());
            bytes += size;
        }
        return lookInto(batch, bySource, search, most, hits);
    }

    private List<Use> uses(boolean revisions) {
        return jdbi.withHandle(handle -> handle.createQuery(revisions ? ALL : CURRENT)
                .bind("most", MOST_USES)
                .map((row, context) -> new Use(
                        new Named(row.getObject("id", UUID.class), row.getString("name"), row.getBoolean("archived")),
                        row.getObject("revision", Integer.class),
                        row.getString("sha256"),
                        row.getInt("bytes")))
                .list());
    }

    /** Whether more jobs are wanted. */
    private boolean lookInto(
            List<String> batch,
            Map<String, List<Use>> bySource,
            TextSearch search,
            int most,
            Map<Named, List<Place>> hits) {
        scripts.opened(batch, (sha256, text) -> {
            List<TextSearch.Line> lines = search.lines(text, MOST_LINES);
            if (lines.isEmpty()) {
                return;
            }
            for (Use use : bySource.getOrDefault(sha256, List.of())) {
                List<Place> places = hits.computeIfAbsent(use.job(), unused -> new ArrayList<>());
                if (places.size() < MOST_REVISIONS * MOST_LINES) {
                    lines.forEach(line -> places.add(new Place("script", use.revision(), line.line(), line.text())));
                }
            }
        });
        return hits.size() <= most;
    }
}
