package io.asyncjobs.script.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message from a worker to the node. Each record writes and reads its own fields, so both sides use one layout. */
public sealed interface FromWorker {

    /** The task that the message is about; 0 for none. */
    long task();

    Frame frame();

    /** @throws MalformedFrameException if the frame is of a type that only the node sends, or holds an unknown code */
    static FromWorker read(Frame frame) throws IOException {
        return switch (frame.type()) {
            case READY -> new Ready(frame.takeBoolean(), frame.takeText());
            case SICK -> new Sick(frame.takeText());
            case STOPPING -> new Stopping(frame.task());
            case CHECKED -> Checked.read(frame);
            case LOG -> Log.read(frame);
            case ASK -> new Ask(frame.task(), frame.takeInt(), frame.takeLong());
            case CALL -> new Call(frame.task(), frame.takeInt(), frame.takeText(), frame.takeText());
            case TAKEN -> new Taken(frame.task(), frame.takeInt());
            case ENDED -> Ended.read(frame);
            default -> throw new MalformedFrameException("unexpected " + frame.type());
        };
    }

    /** A message about a run. */
    sealed interface OfRun extends FromWorker {}

    /**
     * The worker takes tasks from now on.
     *
     * @param compiled whether scripts are compiled; interpreted otherwise
     * @param version of the engine
     */
    record Ready(boolean compiled, String version) implements FromWorker {

        @Override
        public long task() {
            return 0;
        }

        @Override
        public Frame frame() {
            return Frame.of(FrameType.READY, 0).put(compiled).put(version).build();
        }
    }

    /** The process has to be replaced. */
    record Sick(String reason) implements FromWorker {

        @Override
        public long task() {
            return 0;
        }

        @Override
        public Frame frame() {
            return Frame.of(FrameType.SICK, 0).put(reason).build();
        }
    }

    /** The worker has read {@link ToWorker.Cancel}; the task may still go on for a while. */
    record Stopping(long task) implements FromWorker {

        @Override
        public Frame frame() {
            return Frame.of(FrameType.STOPPING, task).build();
        }
    }

    /**
     * A fault of a script's text.
     *
     * @param line from 1
     * @param column from 1
     */
    record Problem(int line, int column, String message) {}

    /**
     * The end of a check.
     *
     * @param ending {@code SUCCEEDED} if all texts were parsed to their ends
     * @param problems of each text, in the order of the check; a text without any is a script. Empty with another ending
     */
    record Checked(long task, Ending ending, List<List<Problem>> problems) implements FromWorker {

        public Checked {
            problems = problems.stream().map(List::copyOf).toList();
        }

        private static Checked read(Frame frame) throws IOException {
            Ending ending = Ending.of(frame.takeByte());
            List<List<Problem>> problems = new ArrayList<>();
            for (int left = frame.takeInt(); left > 0; left--) {
                problems.add(problemsOfOne(frame));
            }
            return new Checked(frame.task(), ending, problems);
        }

        private static List<Problem> problemsOfOne(Frame frame) throws IOException {
            List<Problem> problems = new ArrayList<>();
            for (int left = frame.takeInt(); left > 0; left--) {
                problems.add(new Problem(frame.takeInt(), frame.takeInt(), frame.takeText()));
            }
            return problems;
        }

        @Override
        public Frame frame() {
            Frame.Builder frame =
                    Frame.of(FrameType.CHECKED, task).put(ending.code()).put(problems.size());
            for (List<Problem> ofOne : problems) {
                frame.put(ofOne.size());
                for (Problem problem : ofOne) {
                    frame.put(problem.line()).put(problem.column()).put(problem.message());
                }
            }
            return frame.build();
        }
    }

    /**
     * An entry of a run's log.
     *
     * @param level 0 for debug to 3 for error
     * @param dataJson null for none
     * @param nanos since the run began
     * @param notice whether the entry says that the log ends here
     */
    record Log(long task, byte level, String text, @Nullable String dataJson, long nanos, boolean notice)
            implements OfRun {

        /** An entry counts as this many bytes at least: an empty one too is kept and shown with its time and level. */
        public static final int LEAST_BYTES = 32;

        private static Log read(Frame frame) throws IOException {
            return new Log(
                    frame.task(),
                    frame.takeByte(),
                    frame.takeText(),
                    frame.takeNullableText(),
                    frame.takeLong(),
                    frame.takeBoolean());
        }

        @Override
        public Frame frame() {
            return Frame.of(FrameType.LOG, task)
                    .put(level)
                    .put(text)
                    .put(dataJson)
                    .put(nanos)
                    .put(notice)
                    .build();
        }
    }

    /** A call with so many bytes of arguments waits for {@link ToWorker.Grant}. */
    record Ask(long task, int call, long bytes) implements OfRun {

        @Override
        public Frame frame() {
            return Frame.of(FrameType.ASK, task).put(call).put(bytes).build();
        }
    }

    /** A host call; {@link ToWorker.Reply} answers it. */
    record Call(long task, int call, String function, String argumentsJson) implements OfRun {

        @Override
        public Frame frame() {
            return Frame.of(FrameType.CALL, task)
                    .put(call)
                    .put(function)
                    .put(argumentsJson)
                    .build();
        }
    }

    /** The script has a reply that {@link Frame#isAcknowledged() is acknowledged}: the worker holds it no longer. */
    record Taken(long task, int call) implements OfRun {

        @Override
        public Frame frame() {
            return Frame.of(FrameType.TAKEN, task).put(call).build();
        }
    }

    /**
     * Why a run did not succeed.
     *
     * @param line from 1; 0 if unknown
     * @param column from 1; 0 if unknown
     */
    record Error(
            String message, int line, int column, @Nullable String stack) {}

    /**
     * The end of a run.
     *
     * @param resultJson of a run that succeeded
     * @param error of one that did not
     */
    record Ended(
            long task,
            Ending ending,
            boolean logTruncated,
            @Nullable String resultJson,
            @Nullable Error error) implements OfRun {

        private static Ended read(Frame frame) throws IOException {
            return new Ended(
                    frame.task(),
                    Ending.of(frame.takeByte()),
                    frame.takeBoolean(),
                    frame.takeNullableText(),
                    frame.takeBoolean()
                            ? new Error(frame.takeText(), frame.takeInt(), frame.takeInt(), frame.takeNullableText())
                            : null);
        }

        @Override
        public Frame frame() {
            Frame.Builder frame = Frame.of(FrameType.ENDED, task)
                    .put(ending.code())
                    .put(logTruncated)
                    .put(resultJson)
                    .put(error != null);
            if (error != null) {
                frame.put(error.message()).put(error.line()).put(error.column()).put(error.stack());
            }
            return frame.build();
        }
    }
}
