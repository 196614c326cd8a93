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
    Frame stoppedFrame() {
        return frame(List.of(new Script.Problem(1, 1, "The script takes too long to parse")));
    }

    @Override
    Frame memoryFrame(long limitBytes) {
        return frame(List.of(new Script.Problem(1, 1, "The script takes too much memory to parse")));
    }

    private void answer(List<Script.Problem> problems) {
        end(frame(problems));
    }

    private Frame frame(List<Script.Problem> problems) {
        Frame.Builder frame = Frame.of(FrameType.CHECKED, id).put(problems.size());
        for (Script.Problem problem : problems) {
            frame.put(problem.line()).put(problem.column()).put(problem.message());
        }
        return frame.build();
    }
}
