package io.asyncjobs.script;

/** A script that is no well-formed Unicode text, so that it has no bytes to digest. */
public final class MalformedScriptException extends RuntimeException {

    private static final long serialVersionUID = 1;

    MalformedScriptException(String message, Throwable cause) {
        super(message, cause);
    }
}
