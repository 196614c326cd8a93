package io.asyncjobs.script.worker;

import java.util.ArrayList;
import java.util.List;
import org.graalvm.polyglot.Context;

/** Parses sources and says what is wrong with each. What it parses is forgotten when it ends: the engine is its own. */
final class CheckTask extends Task {

    private final List<String> texts;

    CheckTask(long id, Worker worker, List<String> texts) {
        super(id, worker);
        this.texts = texts;
    }

    void check() {
        List<List<FromWorker.Problem>> problems = new ArrayList<>();
        for (String text : texts) {
            problems.add(problems(text));
        }
        end(checked(Ending.SUCCEEDED, problems));
    }

    private List<FromWorker.Problem> problems(String text) {
        Script script = new Script(text, true);
        List<Script.Problem> problems = script.problems(context());
        return (problems.isEmpty() ? script.advice() : problems)
                .stream()
                        .map(problem -> new FromWorker.Problem(problem.line(), problem.column(), problem.message()))
                        .toList();
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

    private FromWorker checked(Ending ending, List<List<FromWorker.Problem>> problems) {
        return new FromWorker.Checked(id, ending, problems);
    }
}
