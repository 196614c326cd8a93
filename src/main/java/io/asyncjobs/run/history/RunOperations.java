package io.asyncjobs.run.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.job.Jobs;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.idempotency.IdempotencyKeyParameter;
import io.asyncjobs.platform.idempotency.IdempotencyKeys;
import io.asyncjobs.platform.idempotency.IdempotentAnswer;
import io.asyncjobs.platform.idempotency.IdempotentCall;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.schedule.Claim;
import io.asyncjobs.schedule.ManualRuns;
import io.asyncjobs.schedule.RunOutcome;
import io.asyncjobs.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What callers can do with runs, for the API and for pages; the caller is named here.
 *
 * <p>{@code idOrName} names a job.
 */
@ApplicationScoped
public class RunOperations {

    /**
     * An entry of a run's log. Text and data are the script's.
     *
     * @param data JSON, where the script gave any
     */
    public record LogEntry(
            Instant at, String level, String text, @Nullable String data) {}

    /**
     * What a page shows of a log.
     *
     * @param goesOn whether there is more
     */
    public record LogBeginning(List<LogEntry> entries, boolean goesOn) {

        public LogBeginning {
            entries = List.copyOf(entries);
        }
    }

    private static final int MAX_SHOWN_CHARS = 256 * 1024;
    private static final int MAX_SHOWN_ENTRIES = 5_000;

    private final Jobs jobs;
    private final RunHistory history;
    private final ManualRuns manualRuns;
    private final Cancellations cancellations;
    private final ObjectMapper json;
    private final Caller caller;
    private final IdempotencyKeys keys;

    RunOperations(
            Jobs jobs,
            RunHistory history,
            ManualRuns manualRuns,
            Cancellations cancellations,
            ObjectMapper json,
            Caller caller,
            IdempotencyKeys keys) {
        this.keys = keys;
        this.jobs = jobs;
        this.history = history;
        this.manualRuns = manualRuns;
        this.cancellations = cancellations;
        this.json = json;
        this.caller = caller;
    }

    /**
     * A page of a job's runs, latest first.
     *
     * @param from scheduled for then or later
     * @param to scheduled before
     */
    public PageView<RunView> list(
            String idOrName,
            @Nullable RunOutcome outcome,
            @Nullable Instant from,
            @Nullable Instant to,
            PageRequest page) {
        return list(idOrName, outcome, from, to, page, null);
    }

    /**
     * As {@link #list(String, RunOutcome, Instant, Instant, PageRequest)}, behind a place in the list.
     *
     * @param after the {@code next} of the page before
     */
    public PageView<RunView> list(
            String idOrName,
            @Nullable RunOutcome outcome,
            @Nullable Instant from,
            @Nullable Instant to,
            PageRequest page,
            @Nullable UUID after) {
        PageRequest.Order order = page.checkedBehind(Map.of("id", "id"), "-id", after);
        RunHistory.Filter filter = new RunHistory.Filter(outcome == null ? null : outcome.wireName(), from, to);
        RunHistory.Found found = history.ofJob(jobs.idOf(idOrName), filter, page, order.descending(), after);
        return PageView.of(page, found.runs(), found.total(), found.next());
    }

    /** That run, going on or ended; {@link UnknownException} when there is none. */
    public RunView get(UUID id) {
        return history.find(id).orElseThrow(() -> new UnknownException("There is no run with the id " + id + "."));
    }

    /** The beginning of a run's log, as far as it is on record: some hundred thousand characters. */
    public LogBeginning log(UUID id) {
        List<LogEntry> entries = new ArrayList<>();
        LogLines lines = new LogLines(history, json, id, 0, 0);
        long chars = 0;
        for (LogLines.Line next = lines.next(); next != null; next = lines.next()) {
            if (chars > MAX_SHOWN_CHARS || entries.size() >= MAX_SHOWN_ENTRIES) {
                return new LogBeginning(entries, true);
            }
            JsonNode line = next.content();
            LogEntry entry = new LogEntry(
                    Instant.parse(line.path("at").asText()),
                    line.path("level").asText(),
                    line.path("text").asText(),
                    line.has("data") ? line.get("data").toString() : null);
            entries.add(entry);
            chars += entry.text().length()
                    + (entry.data() == null ? 0 : entry.data().length());
        }
        return new LogBeginning(entries, false);
    }

    /**
     * Starts a run through the same gate as the timer.
     *
     * @throws RefusedException while one is running, and when the job is archived
     */
    public RunView start(String idOrName, @Nullable String reason) {
        return start(jobs.idOf(idOrName), reason, null);
    }

    /** As {@link #start(String, String)}, once for all calls with the same key. */
    IdempotentAnswer<RunView> start(String idOrName, @Nullable String reason, IdempotencyKeyParameter key) {
        UUID id = jobs.idOf(idOrName);
        IdempotentCall call = key.of(caller.name(), "runNow", id.toString(), Objects.requireNonNullElse(reason, ""));
        return keys.answer(call, () -> start(id, reason, call), this::get);
    }

    private RunView start(UUID id, @Nullable String reason, @Nullable IdempotentCall call) {
        Claim claim = manualRuns
                .start(id, caller.name(), reason, (handle, won) -> keys.keep(handle, call, won.runId()))
                .orElseThrow(() -> refused(id));
        return get(claim.runId());
    }

    /**
     * Asks the run to end, on whichever node it goes on.
     *
     * @throws RefusedException when it has ended already
     */
    public RunView cancel(UUID id, @Nullable String reason) {
        RunView run = get(id);
        if (run.outcome() != null) {
            throw new RefusedException("run-ended", "The run has ended already; its outcome is " + run.outcome() + ".");
        }
        cancellations.request(run, caller.name(), reason);
        return run;
    }

    private RefusedException refused(UUID id) {
        return jobs.isArchived(id)
                ? new RefusedException("job-archived", "The job is archived; unarchive it to run it.")
                : new RefusedException("job-running", "The job is running; a job never runs twice at once.");
    }
}
