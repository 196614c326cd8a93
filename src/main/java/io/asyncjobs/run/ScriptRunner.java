package io.asyncjobs.run;

import io.asyncjobs.job.JobSnapshot;
import io.asyncjobs.job.JobSnapshots;
import io.asyncjobs.job.UnreadableJobException;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.run.host.ErrorJson;
import io.asyncjobs.run.host.HostMemory;
import io.asyncjobs.run.host.RunAudit;
import io.asyncjobs.run.host.RunHost;
import io.asyncjobs.run.host.RunHosts;
import io.asyncjobs.run.host.RunLimits;
import io.asyncjobs.run.host.RunMemory;
import io.asyncjobs.run.host.ScriptContext;
import io.asyncjobs.schedule.Claim;
import io.asyncjobs.schedule.Claims;
import io.asyncjobs.schedule.Completion;
import io.asyncjobs.schedule.Holdings;
import io.asyncjobs.schedule.RunEvent;
import io.asyncjobs.schedule.RunEvents;
import io.asyncjobs.schedule.RunLauncher;
import io.asyncjobs.schedule.RunOutcome;
import io.asyncjobs.script.HostCallException;
import io.asyncjobs.script.RejectedRunException;
import io.asyncjobs.script.ScriptError;
import io.asyncjobs.script.ScriptOutcome;
import io.asyncjobs.script.ScriptPool;
import io.asyncjobs.script.ScriptRequest;
import io.asyncjobs.script.ScriptRun;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Carries out claims: prepares the run, gives it to a worker, and sees its end recorded. Thread-safe. */
@Singleton
class ScriptRunner implements RunLauncher {

    private static final Logger LOG = Logger.getLogger(ScriptRunner.class);

    private final JobSnapshots jobs;
    private final ScriptPool pool;
    private final RunRecords records;
    private final RunRecorder recorder;
    private final RunHosts hosts;
    private final RunLimits limits;
    private final Claims claims;
    private final Holdings holdings;
    private final DatabaseClock clock;
    private final RunEvents events;
    private final HostMemory memory;
    /** Runs that were launched and whose script has not ended. */
    private final AtomicInteger running = new AtomicInteger();
    /** For what waits for a database: a job that is not at hand, the end of a script that used one. */
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("run-", 0).factory());

    ScriptRunner(
            JobSnapshots jobs,
            ScriptPool pool,
            RunRecords records,
            RunRecorder recorder,
            RunHosts hosts,
            RunLimits limits,
            Claims claims,
            Holdings holdings,
            DatabaseClock clock,
            RunEvents events,
            HostMemory memory) {
        this.memory = memory;
        this.jobs = jobs;
        this.pool = pool;
        this.records = records;
        this.recorder = recorder;
        this.hosts = hosts;
        this.limits = limits;
        this.claims = claims;
        this.holdings = holdings;
        this.clock = clock;
        this.events = events;
    }

    @Override
    public int freeSlots() {
        return recorder.isBehind() || memory.isUsedUp()
                ? 0
                : Math.min(pool.freeSlots(), pool.capacity() - running.get());
    }

    @Override
    public void prepare(List<Claim> won) {
        try {
            jobs.fetch(won.stream()
                    .map(claim -> new JobSnapshots.Key(claim.jobId(), claim.revision()))
                    .toList());
        } catch (RuntimeException e) {
            LOG.warnf("What %d runs need is read when they start: %s", won.size(), e.getMessage());
        }
    }

    @Override
    public void launch(Claim claim, @Nullable String parameters) {
        RunInFlight run = new RunInFlight(claim, parameters);
        recorder.begin(run);
        running.incrementAndGet();
        Optional<JobSnapshot> known = jobs.known(claim.jobId(), claim.revision());
        if (known.isPresent()) {
            start(run, known);
        } else {
            threads.execute(() -> start(run));
        }
    }

    @Override
    public void loseAll(String reason) {
        LOG.warnf("All runs are ended: %s", reason);
        pool.loseAll(reason);
    }

    @Override
    public void drain(Duration grace) {
        if (!recorder.becameIdle(grace)) {
            recorder.inFlight().forEach(run -> run.cancel("The service was stopped"));
            if (!recorder.becameIdle(Duration.ofSeconds(5))) {
                LOG.warnf("%d runs could not be put on record", recorder.inFlightCount());
            }
        }
    }

    private void start(RunInFlight run) {
        Optional<JobSnapshot> job;
        try {
            job = jobs.of(run.claim().jobId(), run.claim().revision());
        } catch (UnreadableJobException e) {
            fail(run, String.valueOf(e.getMessage()));
            return;
        } catch (RuntimeException e) {
            failByFault(run, e);
            return;
        }
        start(run, job);
    }

    private void start(RunInFlight run, Optional<JobSnapshot> found) {
        Claim claim = run.claim();
        if (claim.inactiveUser() != null) {
            fail(
                    run,
                    "The account '%s' that the job acts as is inactive; activate it or give the job another user."
                            .formatted(claim.inactiveUser()));
            return;
        }
        try {
            if (found.isEmpty()) {
                fail(run, "The job is gone");
                return;
            }
            JobSnapshot job = run.withOwnParameters(found.get());
            RunHost host = hosts.ofRun(
                    run.log()::add,
                    records.state(claim),
                    job,
                    RunAudit.of(job.actor(), claim.jobId(), claim.runId()),
                    () -> holdings.mayAct(claim.runId()));
            run.begin(host);
            ScriptRequest request = new ScriptRequest(
                    job.script(),
                    job.strict(),
                    job.parameters(),
                    ScriptContext.of(
                            job,
                            claim.runId(),
                            claim.scheduledFor(),
                            claim.trigger().wireName()),
                    limits.of(job));
            ScriptRun started = pool.start(request, host);
            run.running(started);
            events.tell(new RunEvent.Started(claim));
            var unused = started.completion().thenAccept(outcome -> {
                leave(claim);
                if (host.endsSlowly()) {
                    threads.execute(() -> recorder.end(run, completion(run, host, outcome)));
                } else {
                    recorder.end(run, completion(run, host, outcome));
                }
            });
        } catch (RejectedRunException e) {
            fail(run, "No worker could take the run: " + e.getMessage());
        } catch (RuntimeException e) {
            failByFault(run, e);
        }
    }

    private void failByFault(RunInFlight run, RuntimeException e) {
        UUID correlation = UUID.randomUUID();
        LOG.errorf(e, "Run %s could not be started (%s)", run.claim().runId(), correlation);
        fail(run, "The run could not be started by a fault of the service; its log has more under " + correlation);
    }

    /** The run's slot is free again. */
    private void leave(Claim claim) {
        running.decrementAndGet();
        events.tell(new RunEvent.SlotFreed(claim));
    }

    private void fail(RunInFlight run, String message) {
        leave(run.claim());
        recorder.end(
                run,
                new Completion(
                        run.claim(),
                        null,
                        clock.now(),
                        RunOutcome.FAILED,
                        null,
                        ErrorJson.of(new ScriptError(message, null, null, null)),
                        null,
                        false));
    }

    private Completion completion(RunInFlight run, RunHost host, ScriptOutcome outcome) {
        RunOutcome how = RunOutcome.valueOf(outcome.kind().name());
        ScriptError error = outcome.error();
        Instant finished = clock.atNanoTime(outcome.finishedNanoTime());
        try (host) {
            if (how == RunOutcome.SUCCEEDED && host.mustCommit()) {
                commit(run.claim(), host);
                finished = clock.now();
            }
        } catch (HostCallException e) {
            how = RunOutcome.FAILED;
            error = ScriptError.of("The run's changes were not committed: " + e.getMessage());
        }
        if (how == RunOutcome.SUCCEEDED) {
            host.effects().addState(finished, host.state().changes());
        }
        String result = how == RunOutcome.SUCCEEDED ? masked(host, outcome.resultJson()) : null;
        String errorJson = error == null ? null : masked(host, ErrorJson.of(error));
        String effects = host.effects().json();
        host.noted().count(RunMemory.BYTES_OF_A_CHAR * (chars(result) + chars(errorJson) + chars(effects)));
        return new Completion(
                run.claim(),
                clock.atNanoTime(outcome.startedNanoTime()),
                finished,
                how,
                result,
                errorJson,
                effects,
                outcome.logTruncated());
    }

    private static @Nullable String masked(RunHost host, @Nullable String json) {
        return json == null ? null : host.masking().json(json);
    }

    private static long chars(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /** Only while the lease is held: a run that was fenced leaves nothing. */
    private void commit(Claim claim, RunHost host) {
        boolean held;
        try {
            held = claims.isHeld(claim);
        } catch (RuntimeException e) {
            LOG.errorf(e, "Whether run %s still holds its lease cannot be told", claim.runId());
            held = false;
        }
        if (!held) {
            throw new HostCallException("the run lost its lease");
        }
        host.commit();
    }
}
