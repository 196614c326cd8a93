package io.asyncjobs.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.account.AccountFilter;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.connection.Connections;
import io.asyncjobs.job.JobSearch;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.Texts;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.text.TextSearch;
import io.asyncjobs.run.history.LogSearch;
import io.asyncjobs.search.SearchView.FoundEntry;
import io.asyncjobs.search.SearchView.FoundField;
import io.asyncjobs.search.SearchView.FoundItem;
import io.asyncjobs.search.SearchView.FoundJob;
import io.asyncjobs.search.SearchView.FoundPlace;
import io.asyncjobs.search.SearchView.FoundRun;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/** Searches everything, within a bound of time and of memory. Thread-safe. */
@Singleton
public class Search {

    /** The most items of each kind. */
    static final int MOST = 50;

    private static final int SHORTEST = 2;
    public static final int LONGEST = 200;
    private static final int MOST_FIELDS = 20;
    private static final int AT_ONCE = 2;
    private static final Duration TIME_FOR_JOBS = Duration.ofSeconds(2);
    private static final Duration TIME_FOR_LOGS = Duration.ofSeconds(1);

    private final JobSearch jobs;
    private final LogSearch logs;
    private final Connections connections;
    private final Accounts accounts;
    private final ObjectMapper json;
    private final Semaphore slots = new Semaphore(AT_ONCE);

    Search(JobSearch jobs, LogSearch logs, Connections connections, Accounts accounts, ObjectMapper json) {
        this.jobs = jobs;
        this.logs = logs;
        this.connections = connections;
        this.accounts = accounts;
        this.json = json;
    }

    /**
     * Everything with that text in it.
     *
     * @param revisions whether scripts of earlier revisions are searched, too
     * @throws MalformedException when the text is too short or too long
     * @throws UnavailableException while other searches go on
     */
    public SearchView find(String words, boolean revisions) {
        String wanted = words.strip();
        if (wanted.codePointCount(0, wanted.length()) < SHORTEST || wanted.length() > LONGEST) {
            throw new MalformedException("q must have from %d to %d characters.".formatted(SHORTEST, LONGEST));
        }
        if (!slots.tryAcquire()) {
            throw new UnavailableException("Other searches are going on. Try again in a moment.");
        }
        try {
            return find(new TextSearch(Texts.storable(wanted)), revisions);
        } finally {
            slots.release();
        }
    }

    private SearchView find(TextSearch search, boolean revisions) {
        JobSearch.Found inJobs = jobs.find(search, revisions, MOST, within(TIME_FOR_JOBS));
        LogSearch.Found inLogs = logs.find(search, MOST, within(TIME_FOR_LOGS));
        return new SearchView(
                search.words(),
                revisions,
                inJobs.complete(),
                inLogs.from(),
                inJobs.hits().stream().map(Search::job).toList(),
                connections(search),
                accounts(search),
                inLogs.hits().stream().map(Search::run).toList());
    }

    private static BooleanSupplier within(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        return () -> System.nanoTime() - end < 0;
    }

    private static FoundJob job(JobSearch.Hit hit) {
        return new FoundJob(
                hit.id(),
                hit.name(),
                hit.archived(),
                hit.places().stream()
                        .map(place -> new FoundPlace(place.field(), place.revision(), place.line(), place.text()))
                        .toList());
    }

    private static FoundRun run(LogSearch.Hit hit) {
        return new FoundRun(
                hit.run(),
                hit.job(),
                hit.jobName(),
                hit.scheduledFor(),
                hit.outcome(),
                hit.entries().stream()
                        .map(entry -> new FoundEntry(entry.at(), entry.level(), entry.text()))
                        .toList());
    }

    private List<FoundItem> connections(TextSearch search) {
        List<FoundItem> found = new ArrayList<>();
        for (Tagged<ConnectionView> connection : connections.all()) {
            List<FoundField> fields = fields(search, json.valueToTree(connection.body()));
            if (!fields.isEmpty() && found.size() < MOST) {
                found.add(new FoundItem(connection.body().name(), fields));
            }
        }
        return found;
    }

    private List<FoundItem> accounts(TextSearch search) {
        List<FoundItem> found = new ArrayList<>();
        for (AccountView account : accounts.list(
                        new AccountFilter(null, null, search.words()), PageRequest.of(0, MOST, "username"))
                .items()) {
            found.add(new FoundItem(account.username(), fields(search, json.valueToTree(account))));
        }
        return found;
    }

    private static List<FoundField> fields(TextSearch search, JsonNode item) {
        List<FoundField> fields = new ArrayList<>();
        add(search, item, "", fields);
        return fields;
    }

    private static void add(TextSearch search, JsonNode node, String path, List<FoundField> fields) {
        if (fields.size() == MOST_FIELDS) {
            return;
        }
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                add(search, field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey(), fields);
            }
        } else if (node.isTextual()) {
            search.lines(node.asText(), 1).forEach(line -> fields.add(new FoundField(path, line.text())));
        }
    }
}
