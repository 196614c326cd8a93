package io.asyncjobs.script.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.testsupport.Fast;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages between node and worker, over the bytes of a pipe. */
@Fast
class MessagesTest {

    private static final String TEXT = "naïve \uD83D\uDE00 \u0000 " + "x".repeat(70_000);
    private static final int HEADER_BYTES = 13;

    static Stream<ToWorker> toWorker() {
        RunInput input = new RunInput("{\"a\":1}", "{}", 1L << 40, 2, 3, Long.MAX_VALUE, 5);
        return Stream.of(
                new ToWorker.Run(1, "key", TEXT, true, input),
                new ToWorker.Run(Long.MAX_VALUE, "key", null, false, input),
                new ToWorker.Check(2, List.of("")),
                new ToWorker.Check(2, List.of("a", TEXT, "b")),
                new ToWorker.Cancel(3),
                new ToWorker.Reply(4, -1, true, null),
                new ToWorker.Reply(5, Integer.MAX_VALUE, false, TEXT),
                new ToWorker.Grant(6, 7),
                new ToWorker.Forget("key"));
    }

    static Stream<FromWorker> fromWorker() {
        return Stream.of(
                new FromWorker.Ready(true, "25"),
                new FromWorker.Sick("heap"),
                new FromWorker.Stopping(1),
                new FromWorker.Checked(2, Ending.OUT_OF_MEMORY, List.of()),
                new FromWorker.Checked(
                        3,
                        Ending.SUCCEEDED,
                        List.of(
                                List.of(new FromWorker.Problem(1, 2, "one"), new FromWorker.Problem(3, 4, TEXT)),
                                List.of())),
                new FromWorker.Log(4, (byte) 3, TEXT, null, 5, true),
                new FromWorker.Log(4, (byte) 0, "", "{}", -1, false),
                new FromWorker.Ask(5, 6, 1L << 33),
                new FromWorker.Call(6, 7, "http.get", "[]"),
                new FromWorker.Taken(7, 8),
                new FromWorker.Ended(8, Ending.SUCCEEDED, false, "null", null),
                new FromWorker.Ended(9, Ending.OUT_OF_MEMORY, true, null, new FromWorker.Error(TEXT, 1, 2, "at a")),
                new FromWorker.Ended(10, Ending.FAILED, true, null, new FromWorker.Error("", 0, 0, null)));
    }

    @ParameterizedTest
    @MethodSource("toWorker")
    void message_to_a_worker_arrives_whole(ToWorker message) throws IOException {
        assertThat(ToWorker.read(overPipe(message.frame()))).isEqualTo(message);
        assertThat(overPipe(message.frame()).task()).isEqualTo(message.task());
    }

    @ParameterizedTest
    @MethodSource("fromWorker")
    void message_from_a_worker_arrives_whole(FromWorker message) throws IOException {
        assertThat(FromWorker.read(overPipe(message.frame()))).isEqualTo(message);
        assertThat(overPipe(message.frame()).task()).isEqualTo(message.task());
    }

    @Test
    void every_message_was_tried() {
        assertThat(toWorker().map(Object::getClass)).containsAll(records(ToWorker.class));
        assertThat(fromWorker().map(Object::getClass)).containsAll(records(FromWorker.class));
    }

    @ParameterizedTest
    @MethodSource("toWorker")
    void worker_does_not_speak_as_the_node(ToWorker message) {
        assertThatThrownBy(() -> FromWorker.read(message.frame())).isInstanceOf(MalformedFrameException.class);
    }

    @ParameterizedTest
    @MethodSource("fromWorker")
    void node_does_not_speak_as_a_worker(FromWorker message) {
        assertThatThrownBy(() -> ToWorker.read(message.frame())).isInstanceOf(MalformedFrameException.class);
    }

    @ParameterizedTest
    @MethodSource("fromWorker")
    void message_that_ends_early_is_refused(FromWorker message) throws IOException {
        byte[] whole = bytes(message.frame());
        if (whole.length == HEADER_BYTES) {
            return;
        }
        byte[] cut = Arrays.copyOf(whole, whole.length - 1);
        ByteBuffer.wrap(cut).putInt(0, cut.length - 4);

        assertThatThrownBy(() -> FromWorker.read(read(cut))).isInstanceOf(EOFException.class);
    }

    private static List<Class<?>> records(Class<?> messages) {
        return Arrays.stream(messages.getPermittedSubclasses())
                .<Class<?>>flatMap(type -> type.isInterface() ? records(type).stream() : Stream.of(type))
                .toList();
    }

    private static Frame overPipe(Frame frame) throws IOException {
        return read(bytes(frame));
    }

    private static Frame read(byte[] bytes) throws IOException {
        return Objects.requireNonNull(Frame.read(Frame.input(new ByteArrayInputStream(bytes))));
    }

    private static byte[] bytes(Frame frame) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frame.writeTo(out);
        return out.toByteArray();
    }
}
