package io.asyncjobs.run.trial;

import io.asyncjobs.account.Accounts;
import io.asyncjobs.job.JobDraft;
import io.asyncjobs.job.JobLimits;
import io.asyncjobs.job.JobSnapshot;
import io.asyncjobs.job.Jobs;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.platform.http.FrontDoor;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.run.RunRecords;
import io.asyncjobs.run.host.ErrorJson;
import io.asyncjobs.run.host.LogJson;
import io.asyncjobs.run.host.RunHost;
import io.asyncjobs.run.host.RunHosts;
import io.asyncjobs.run.host.RunLimits;
import io.asyncjobs.run.host.RunMemory;
import io.asyncjobs.run.host.ScriptContext;
import io.asyncjobs.schedule.RunOutcome;
import io.asyncjobs.script.LogLine;
import io.asyncjobs.script.RejectedRunException;
import io.asyncjobs.script.ScriptChecker;
import io.asyncjobs.script.ScriptOutcome;
import io.asyncjobs.script.ScriptPool;
import io.asyncjobs.script.ScriptRequest;
import io.asyncjobs.script.ScriptSource;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs candidate scripts: what they read is real, what they would change is noted and not carried out. Thread-safe. */
@Singleton
public class Trials {

    /** Jobs come first: trials never take more slots than this. */
    private static final int MAX_AT_ONCE = 2;

    private static final Duration USUAL_TIME = Duration.ofSeconds(60);
    private static final UUID NO_JOB = new UUID(0, 0);

    private final Jobs jobs;
    private final Accounts accounts;
    private final ScriptChecker checker;
    private final ScriptPool pool;
    private final RunRecords records;
    private final RunHosts hosts;
    private final RunLimits limits;
    private final DatabaseClock clock;
    private final FrontDoor door;
    private final Semaphore slots = new Semaphore(MAX_AT_ONCE);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("trial-", 0).factory());

    Trials(
            Jobs jobs,
            Accounts accounts,
            ScriptChecker checker,
            ScriptPool pool,
            RunRecords records,
            RunHosts hosts,
            RunLimits limits,
            DatabaseClock clock,
            FrontDoor door) {
        this.jobs = jobs;
        this.accounts = accounts;
        this.checker = checker;
        this.pool = pool;
        this.records = records;
        this.hosts = hosts;
        this.limits = limits;
        this.clock = clock;
        this.door = door;
    }

    /**
     * Starts the trial; the answer comes when the script has ended.
     *
     * @throws InvalidException when there is no script, it does not parse or the user is none
     * @throws UnavailableException when all trial slots are in use
     */
    CompletionStage<TrialView> start(TrialDraft draft) {
        return start(draft, false);
    }

    /**
     * As {@link #start(TrialDraft)}.
     *
     * @param namesUser whether a draft without a user means none, instead of that of the job
     */
    public CompletionStage<TrialView> start(TrialDraft draft, boolean namesUser) {
        JobSnapshot candidate = candidate(draft, namesUser);
        if (pool.freeSlots() <= 0 || !slots.tryAcquire()) {
            throw new UnavailableException("All trial slots are in use. Try again in a moment.");
        }
        boolean started = false;
        try {
            CompletionStage<TrialView> trial = run(candidate);
            started = true;
            door.leaveEarly();
            return trial.whenComplete((view, failure) -> slots.release());
        } catch (RejectedRunException e) {
            throw new UnavailableException(
                    "No worker could take the trial: " + e.getMessage() + ". Try again in a moment.");
        } finally {
            if (!started) {
                slots.release();
            }
        }
    }

    private CompletionStage<TrialView> run(JobSnapshot candidate) {
        Instant now = clock.now();
        Supplier<Map<String, String>> stored =
                candidate.jobId().equals(NO_JOB) ? Map::of : () -> records.state(candidate.jobId());
        List<LogLine> log = Collections.synchronizedList(new ArrayList<>());
        ScriptRequest request = new ScriptRequest(
                candidate.script(),
                candidate.strict(),
                candidate.parameters(),
                ScriptContext.of(candidate, UuidV7.at(now), now, "trial"),
                limits.of(candidate));
        RunHost host = hosts.ofTrial(log::add, stored, candidate);
        return pool.start(request, host)
                .completion()
                .thenApplyAsync(
                        outcome -> {
                            try (RunMemory noted = host.noted();
                                    host) {
                                return view(candidate, outcome, host, log);
                            }
                        },
                        threads);
    }

    private TrialView view(JobSnapshot candidate, ScriptOutcome outcome, RunHost host, List<LogLine> log) {
        Instant finished = clock.atNanoTime(outcome.finishedNanoTime());
        if (outcome.kind() == ScriptOutcome.Kind.SUCCEEDED) {
            host.effects().addState(finished, host.state().changes());
        }
        JobSnapshot.User user = candidate.user();
        return new TrialView(
                RunOutcome.valueOf(outcome.kind().name()).wireName(),
                candidate.script().md5(),
                user == null ? null : user.username(),
                clock.atNanoTime(outcome.startedNanoTime()),
                finished,
                Duration.ofNanos(outcome.finishedNanoTime() - outcome.startedNanoTime())
                        .toMillis(),
                outcome.resultJson() == null ? null : host.masking().json(outcome.resultJson()),
                outcome.error() == null
                        ? null
                        : host.masking()
                                .json(ErrorJson.of(outcome.error()
                                        .withCode(candidate.script().text()))),
                Objects.requireNonNullElse(host.effects().json(), "[]"),
                LogJson.of(List.copyOf(log), clock),
                outcome.logTruncated());
    }

    /** What is to be tried, as a revision that nobody has saved. */
    private JobSnapshot candidate(TrialDraft draft, boolean namesUser) {
        JobSnapshot base = draft.job() == null
                ? null
                : jobs.current(draft.job(), draft.script() != null, draft.parameters() != null);
        List<Violation> violations = new ArrayList<>();
        ScriptSource script = script(draft, base, violations);
        JobSnapshot.User user = user(draft, namesUser ? null : base, violations);
        String parameters =
                draft.parameters() != null ? draft.parameters().toString() : base == null ? "{}" : base.parameters();
        if (parameters.length() > JobDraft.MAX_PARAMETERS_CHARS) {
            violations.add(new Violation(
                    "parameters",
                    "must be at most " + JobDraft.MAX_PARAMETERS_CHARS + " characters long, written as JSON"));
        }
        if (script == null || !violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        Integer timeout = draft.timeoutSeconds();
        return new JobSnapshot(
                base == null ? NO_JOB : base.jobId(),
                base == null ? "trial" : base.name(),
                base == null ? 0 : base.revision(),
                script,
                base == null || draft.script() != null || base.strict(),
                parameters,
                timeout != null ? Duration.ofSeconds(timeout) : base == null ? USUAL_TIME : base.timeout(),
                base == null ? JobLimits.DEFAULT : base.limits(),
                user);
    }

    private @Nullable ScriptSource script(TrialDraft draft, @Nullable JobSnapshot base, List<Violation> violations) {
        String text = draft.script();
        if (text != null) {
            return checker.checked("script", text, violations).orElse(null);
        }
        if (base == null) {
            violations.add(new Violation("script", "is required where no job is named"));
            return null;
        }
        return base.script();
    }

    private JobSnapshot.@Nullable User user(TrialDraft draft, @Nullable JobSnapshot base, List<Violation> violations) {
        String username = draft.associatedUser();
        if (username == null) {
            return base == null ? null : base.user();
        }
        return accounts.requireActive(username)
                .map(account -> new JobSnapshot.User(account.username(), account.displayName()))
                .orElseGet(() -> {
                    violations.add(new Violation(
                            "associatedUser", "must name an active account; there is none called '" + username + "'"));
                    return null;
                });
    }
}
