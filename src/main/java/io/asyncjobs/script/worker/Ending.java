package io.asyncjobs.script.worker;

/** How the worker says a run or a check ended; what only the node can know (timed out, lost) is not among it. */
public enum Ending {
    SUCCEEDED,
    FAILED,
    LIMIT_EXCEEDED,
    /** Stopped because the node asked for it. */
    STOPPED,
    /** Ended because it filled the heap. */
    OUT_OF_MEMORY;

    private static final Ending[] VALUES = values();

    public byte code() {
        return (byte) ordinal();
    }

    public static Ending of(byte code) throws MalformedFrameException {
        if (code < 0 || code >= VALUES.length) {
            throw new MalformedFrameException("unknown ending " + code);
        }
        return VALUES[code];
    }
}
