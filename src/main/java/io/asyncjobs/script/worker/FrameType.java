package io.asyncjobs.script.worker;

/** What a frame says; the code is what goes over the pipe. */
public enum FrameType {
    // node to worker
    RUN(1),
    CHECK(2),
    CANCEL(3),
    REPLY(4),
    FORGET(5),
    /** The node has room for a call that was asked for with ASK. */
    GRANT(6),
    // worker to node
    READY(16),
    LOG(17),
    CALL(18),
    ENDED(19),
    CHECKED(20),
    /** The process is to be replaced. */
    SICK(21),
    /** A CANCEL was heard; says nothing of when it is done. */
    STOPPING(22),
    /** A call with many bytes of arguments waits for the node to have room for them. */
    ASK(23),
    /** A large answer was handed to the script, so that the worker holds it no longer. */
    TAKEN(24);

    private static final FrameType[] BY_CODE = new FrameType[32];

    static {
        for (FrameType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final byte code;

    FrameType(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    static FrameType of(byte code) throws MalformedFrameException {
        FrameType type = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
        if (type == null) {
            throw new MalformedFrameException("unknown frame type " + code);
        }
        return type;
    }
}
