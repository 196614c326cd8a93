package io.asyncjobs.script.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message from the node to a worker. Each record writes and reads its own fields, so both sides use one layout. */
public sealed interface ToWorker {

    /** The task that the message is about; 0 for none. */
    long task();

    Frame frame();

    /** @throws MalformedFrameException if the frame is of a type that only workers send, or holds an unknown code */
    static ToWorker read(Frame frame) throws IOException {
        return switch (frame.type()) {
            case RUN -> Run.read(frame);
            case CHECK -> Check.read(frame);
            case CANCEL -> new Cancel(frame.task());
            case REPLY -> new Reply(frame.task(), frame.takeInt(), frame.takeBoolean(), frame.takeNullableText());
            case GRANT -> new Grant(frame.task(), frame.takeInt());
            case FORGET -> new Forget(frame.takeText());
            default -> throw new MalformedFrameException("unexpected " + frame.type());
        };
    }

    /**
     * Starts a run.
     *
     * @param key names the script; the worker keeps the text under it until {@link Forget}
     * @param source the script's text; null if the worker has it
     */
    record Run(long task, String key, @Nullable String source, boolean strict, RunInput input) implements ToWorker {

        private static Run read(Frame frame) throws IOException {
            return new Run(
                    frame.task(),
                    frame.takeText(),
                    frame.takeNullableText(),
                    frame.takeBoolean(),
                    new RunInput(
                            frame.takeText(),
                            frame.takeText(),
                            frame.takeLong(),
                            frame.takeLong(),
                            frame.takeInt(),
                            frame.takeLong(),
                            frame.takeLong()));
        }

        @Override
        public Frame frame() {
            return Frame.of(FrameType.RUN, task)
                    .put(key)
                    .put(source)
                    .put(strict)
                    .put(input.parametersJson())
                    .put(input.contextJson())
                    .put(input.logBytes())
                    .put(input.resultBytes())
                    .put(input.hostCalls())
                    .put(input.waitingBytes())
                    .put(input.callBytes())
                    .build();
        }
    }

    /** Parses scripts, one after the other. */
    record Check(long task, List<String> sources) implements ToWorker {

        public Check {
            sources = List.copyOf(sources);
        }

        private static Check read(Frame frame) throws IOException {
            List<String> sources = new ArrayList<>();
            for (int left = frame.takeInt(); left > 0; left--) {
                sources.add(frame.takeText());
            }
            return new Check(frame.task(), sources);
        }

        @Override
        public Frame frame() {
            Frame.Builder frame = Frame.of(FrameType.CHECK, task).put(sources.size());
            sources.forEach(frame::put);
            return frame.build();
        }
    }

    /** Stops a run or a check. */
    record Cancel(long task) implements ToWorker {

        @Override
        public Frame frame() {
            return Frame.of(FrameType.CANCEL, task).build();
        }
    }

    /**
     * Answers a host call.
     *
     * @param text the result as JSON, null for none; the error's message if the call failed
     */
    record Reply(
            long task,
            int call,
            boolean succeeded,
            @Nullable String text) implements ToWorker {

        @Override
        public Frame frame() {
            return Frame.of(FrameType.REPLY, task)
                    .put(call)
                    .put(succeeded)
                    .put(text)
                    .build();
        }
    }

    /** The node has room for the call that {@link FromWorker.Ask} was about. */
    record Grant(long task, int call) implements ToWorker {

        @Override
        public Frame frame() {
            return Frame.of(FrameType.GRANT, task).put(call).build();
        }
    }

    /** The worker drops the text that it keeps under this key. */
    record Forget(String key) implements ToWorker {

        @Override
        public long task() {
            return 0;
        }

        @Override
        public Frame frame() {
            return Frame.of(FrameType.FORGET, 0).put(key).build();
        }
    }
}
