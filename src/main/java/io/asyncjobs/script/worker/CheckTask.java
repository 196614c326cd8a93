package io.asyncjobs.script.worker;

import java.util.List;
import org.graalvm.polyglot.Context;

/** Parses a source and says what is wrong with it. What it parses is forgotten when it ends: the engine is its own. */
final class CheckTask extends Task {

    private final String text;

    CheckTask(long id, Worker worker, String text) {
        super(id, worker);
        this.text = text;
    }

    void check() {
        Script script = new Script(text, true);
        List<Script.Problem> problems = script.problems(context());
        answer(problems.isEmpty() ? script.advice() : problems);
    }

    @Override
    Context newContext() {
        return worker.newContextAlone();
    }

    @Override
    void failed(Throwable e) {
        if (isOutOfMemory(e)) {
            // First, so that the check is repeated in another worker
            worker.sick("a check found no memory");
            end(outOfMemory(worker.memoryLimit()));
            return;
        }
        worker.report("parsing a script", e);
        end(checked(Ending.FAILED, List.of()));
    }

    @Override
    FromWorker stopped() {
        return checked(Ending.STOPPED, List.of());
    }

    @Override
    FromWorker outOfMemory(long limitBytes) {
        return checked(Ending.OUT_OF_MEMORY, List.of());
    }

    private void answer(List<Script.Problem> problems) {
        end(checked(Ending.SUCCEEDED, problems));
    }

    private FromWorker checked(Ending ending, List<Script.Problem> problems) {
        return new FromWorker.Checked(
                id,
                ending,
                problems.stream()
                        .map(problem -> new FromWorker.Problem(problem.line(), problem.column(), problem.message()))
                        .toList());
    }
}
