package io.asyncjobs.script.worker;

/** The type of a message; its code goes over the pipe. The records of {@link ToWorker} and {@link FromWorker} say what each means. */
enum FrameType {
    // node to worker
    RUN(1),
    CHECK(2),
    CANCEL(3),
    REPLY(4),
    FORGET(5),
    GRANT(6),
    // worker to node
    READY(16),
    LOG(17),
    CALL(18),
    ENDED(19),
    CHECKED(20),
    SICK(21),
    STOPPING(22),
    ASK(23),
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
