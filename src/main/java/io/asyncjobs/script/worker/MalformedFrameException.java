package io.asyncjobs.script.worker;

import java.io.IOException;

/** The other side of the pipe does not keep to the protocol; nothing it says from here on can be trusted. */
public final class MalformedFrameException extends IOException {

    private static final long serialVersionUID = 1;

    public MalformedFrameException(String message) {
        super(message);
    }
}
