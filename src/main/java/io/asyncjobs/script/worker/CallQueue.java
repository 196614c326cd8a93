package io.asyncjobs.script.worker;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The host calls of one run that are not answered yet. They go to the node in the script's order. One with many bytes of
 * arguments waits here until the node has room for them, and those after it wait behind it. Not thread-safe.
 */
final class CallQueue {

    /** Arguments of calls under way that the node takes without being asked, since it has room for so few of any run. */
    private static final int UNASKED_BYTES = 64 * 1024;

    private static final int SMALL_CHARS = 4 * 1024;
    private static final int MOST_BYTES_OF_A_CHAR = 3;

    /** A call that has not gone to the node. */
    private record Unsent(int call, String function, String argumentsJson, long bytes) {}

    private final long run;
    private final RunInput limits;
    private final Consumer<FromWorker> node;

    private final Queue<Unsent> unsent = new ArrayDeque<>();
    /** Bytes of arguments by call, until it is answered. */
    private final Map<Integer, Long> underWay = new HashMap<>();
    /** Those of them that the node was not asked about. */
    private final Set<Integer> unasked = new HashSet<>();

    private long underWayBytes;
    private long unaskedBytes;
    private long allBytes;

    CallQueue(long run, RunInput limits, Consumer<FromWorker> node) {
        this.run = run;
        this.limits = limits;
        this.node = node;
    }

    /** @return which limit the call passes; null where it is on its way */
    @Nullable
    String add(int call, String function, String argumentsJson) {
        // An upper bound is enough where there are few
        long bytes = argumentsJson.length() <= SMALL_CHARS
                ? (long) MOST_BYTES_OF_A_CHAR * argumentsJson.length()
                : Utf8.length(argumentsJson);
        allBytes += bytes;
        if (allBytes > limits.callBytes()) {
            return passed(limits.callBytes(), "the arguments of all host calls", allBytes);
        }
        if (underWayBytes + bytes > limits.waitingBytes()) {
            return passed(limits.waitingBytes(), "the arguments of host calls under way", underWayBytes + bytes);
        }
        underWay.put(call, bytes);
        underWayBytes += bytes;
        unsent.add(new Unsent(call, function, argumentsJson, bytes));
        if (unsent.size() == 1) {
            sendOrAsk();
        }
        return null;
    }

    private static String passed(long limit, String what, long used) {
        return "Limit of %d bytes for %s passed: they have %d".formatted(limit, what, used);
    }

    /** The node has room for the call it was asked about, which is the next one. */
    void granted(int call) {
        Unsent next = unsent.poll();
        if (next == null || next.call != call) {
            throw new IllegalStateException("the node granted another call");
        }
        send(next);
        sendOrAsk();
    }

    /** The node answered the call. */
    void answered(int call) {
        Long bytes = underWay.remove(call);
        if (bytes != null) {
            underWayBytes -= bytes;
            unaskedBytes -= unasked.remove(call) ? bytes : 0;
        }
    }

    /** How many calls are not answered. */
    int underWay() {
        return underWay.size();
    }

    private void sendOrAsk() {
        for (Unsent next = unsent.peek(); next != null; next = unsent.peek()) {
            if (unaskedBytes + next.bytes > UNASKED_BYTES) {
                node.accept(new FromWorker.Ask(run, next.call, next.bytes));
                return;
            }
            unasked.add(next.call);
            unaskedBytes += next.bytes;
            unsent.remove();
            send(next);
        }
    }

    private void send(Unsent next) {
        node.accept(new FromWorker.Call(run, next.call, next.function, next.argumentsJson));
    }
}
