package io.asyncjobs.script.worker;

import java.util.List;

/** Parses a source and says what is wrong with it. */
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
    void failed(Throwable e) {
        worker.report("parsing a script", e);
        answer(List.of(new Script.Problem(1, 1, "The script could not be parsed")));
    }

    @Override
    FromWorker stopped() {
        return checked(List.of(new Script.Problem(1, 1, "The script takes too long to parse")));
    }

    @Override
    FromWorker outOfMemory(long limitBytes) {
        return checked(List.of(new Script.Problem(1, 1, "The script takes too much memory to parse")));
    }

    private void answer(List<Script.Problem> problems) {
        end(checked(problems));
    }

    private FromWorker checked(List<Script.Problem> problems) {
        return new FromWorker.Checked(
                id,
                problems.stream()
                        .map(problem -> new FromWorker.Problem(problem.line(), problem.column(), problem.message()))
                        .toList());
    }
}
