package io.asyncjobs.run.history;

import io.asyncjobs.job.Jobs;
import io.asyncjobs.job.RunnableRevisions;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.idempotency.IdempotencyKeyParameter;
import io.asyncjobs.platform.idempotency.IdempotencyKeys;
import io.asyncjobs.platform.idempotency.IdempotentAnswer;
import io.asyncjobs.platform.idempotency.IdempotentCall;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.schedule.Claim;
import io.asyncjobs.schedule.ManualRun;
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

    private final Jobs jobs;
    private final RunnableRevisions revisions;
    private final RunHistory history;
    private final ManualRuns manualRuns;
    private final Cancellations cancellations;
    private final Caller caller;
    private final IdempotencyKeys keys;

    RunOperations(
            Jobs jobs,
            RunnableRevisions revisions,
            RunHistory history,
            ManualRuns manualRuns,
            Cancellations cancellations,
            Caller caller,
            IdempotencyKeys keys) {
        this.keys = keys;
        this.jobs = jobs;
        this.revisions = revisions;
        this.history = history;
        this.manualRuns = manualRuns;
        this.cancellations = cancellations;
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

    /**
     * Starts a run through the same gate as the timer.
     *
     * @throws RefusedException while one is running, and when the job is archived
     */
    public RunView start(String idOrName, @Nullable String reason) {
        return start(idOrName, RunDraft.because(reason));
    }

    /**
     * As {@link #start(String, String)}, of another revision or with parameters of its own.
     *
     * @throws InvalidException when there is no such revision, or its schema does not allow the parameters
     */
    public RunView start(String idOrName, RunDraft wanted) {
        return start(jobs.idOf(idOrName), wanted, null);
    }

    /** As {@link #start(String, RunDraft)}, once for all calls with the same key. */
    IdempotentAnswer<RunView> start(String idOrName, RunDraft wanted, IdempotencyKeyParameter key) {
        UUID id = jobs.idOf(idOrName);
        IdempotentCall call = key.of(caller.name(), call(id, wanted).toArray(String[]::new));
        return keys.answer(call, () -> start(id, wanted, call), this::get);
    }

    /** A call that says nothing new is the same as before this could be said. */
    private static List<String> call(UUID id, RunDraft wanted) {
        List<String> call =
                new ArrayList<>(List.of("runNow", id.toString(), Objects.requireNonNullElse(wanted.reason(), "")));
        if (wanted.revision() != null || wanted.parameters() != null) {
            call.add(String.valueOf(wanted.revision()));
            call.add(String.valueOf(wanted.parameters()));
        }
        return call;
    }

    private RunView start(UUID id, RunDraft wanted, @Nullable IdempotentCall call) {
        ManualRun asked = new ManualRun(id, null, null);
        if (wanted.revision() != null || wanted.parameters() != null) {
            RunnableRevisions.Runnable checked = revisions.check(id, wanted.revision(), wanted.parameters());
            asked = new ManualRun(id, checked.revision(), checked.parameters());
        }
        Claim claim = manualRuns
                .start(asked, caller.name(), wanted.reason(), (handle, won) -> keys.keep(handle, call, won.runId()))
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
