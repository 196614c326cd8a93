package io.asyncjobs.script;

import io.asyncjobs.script.worker.Ending;
import io.asyncjobs.script.worker.FromWorker;
import io.asyncjobs.script.worker.MalformedFrameException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Handles what one worker says, on the thread that reads from it. */
final class WorkerDialogue implements WorkerProcess.Listener {

    private final ScriptPool pool;
    private final PooledWorker worker;
    private final HostCalls calls;

    WorkerDialogue(ScriptPool pool, PooledWorker worker) {
        this.pool = pool;
        this.worker = worker;
        this.calls = new HostCalls(pool, worker.process());
    }

    @Override
    public void received(FromWorker message, int bytes) throws MalformedFrameException {
        switch (message) {
            case FromWorker.Ready ready -> {
                worker.process().deleteDirectory();
                pool.ready(worker, ready);
            }
            case FromWorker.Sick sick -> pool.sick(worker, sick.reason());
            case FromWorker.Stopping stopping -> pool.stopHeard(worker, stopping.task());
            case FromWorker.Checked checked -> checked(checked);
            case FromWorker.OfRun ofRun -> ofRun(ofRun, bytes);
        }
    }

    @Override
    public void exited(int status) {
        pool.exited(worker, status);
    }

    private void checked(FromWorker.Checked checked) throws MalformedFrameException {
        PoolTask task = pool.taskOf(worker, checked.task());
        if (task instanceof PoolTask.Check check) {
            pool.checked(
                    check,
                    checked.ending(),
                    checked.problems().stream().map(WorkerDialogue::problems).toList());
        } else if (task != null) {
            throw new MalformedFrameException("a run ended as a check");
        }
    }

    private static List<ScriptProblem> problems(List<FromWorker.Problem> ofOne) {
        return ofOne.stream()
                .map(problem -> new ScriptProblem(problem.line(), problem.column(), problem.message()))
                .toList();
    }

    private void ofRun(FromWorker.OfRun message, int bytes) throws MalformedFrameException {
        PoolTask task = pool.taskOf(worker, message.task());
        if (task == null) {
            // The run has been answered already
            return;
        }
        if (!(task instanceof PoolTask.Run run)) {
            throw new MalformedFrameException("a check spoke as a run");
        }
        switch (message) {
            case FromWorker.Log log -> run.log(log);
            case FromWorker.Ask ask -> calls.ask(run, ask);
            case FromWorker.Call call -> calls.call(run, call, bytes);
            case FromWorker.Taken taken -> run.taken(taken.call());
            case FromWorker.Ended ended -> ended(run, ended);
        }
    }

    private void ended(PoolTask.Run run, FromWorker.Ended end) {
        if (!pool.ended(run, end.ending() == Ending.OUT_OF_MEMORY)) {
            return;
        }
        boolean truncated = end.logTruncated();
        ScriptError error = error(end.error());
        PoolTask.Stop asked = run.stop();
        if (asked != null) {
            // A run that came to its own end meanwhile did so past its limit
            run.complete(asked.kind(), null, at(error, asked.reason()), truncated);
            return;
        }
        String result = end.resultJson();
        switch (end.ending()) {
            case SUCCEEDED ->
                run.complete(ScriptOutcome.Kind.SUCCEEDED, result == null ? "null" : result, null, truncated);
            case FAILED -> run.complete(ScriptOutcome.Kind.FAILED, null, reason(error), truncated);
            case LIMIT_EXCEEDED, OUT_OF_MEMORY ->
                run.complete(ScriptOutcome.Kind.LIMIT_EXCEEDED, null, reason(error), truncated);
            case STOPPED -> run.complete(ScriptOutcome.Kind.CANCELLED, null, reason(error), truncated);
        }
    }

    private static @Nullable ScriptError error(FromWorker.@Nullable Error error) {
        if (error == null) {
            return null;
        }
        return error.line() > 0
                ? new ScriptError(error.message(), error.line(), error.column(), error.stack())
                : new ScriptError(error.message(), null, null, error.stack());
    }

    /** The node's reason, with the place at which the worker stopped the script. */
    private static ScriptError at(@Nullable ScriptError place, String reason) {
        return place == null
                ? ScriptError.of(reason)
                : new ScriptError(reason, place.line(), place.column(), place.stack());
    }

    private static ScriptError reason(@Nullable ScriptError error) {
        return error == null ? ScriptError.of("The worker process gave no reason") : error;
    }
}
