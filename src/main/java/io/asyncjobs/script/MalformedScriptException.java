package io.asyncjobs.script;

/** A script that is no well-formed Unicode text, so that it has no bytes to digest, or that is not what was digested. */
public final class MalformedScriptException extends RuntimeException {

    private static final long serialVersionUID = 1;

    MalformedScriptException(String message, Throwable cause) {
        super(message, cause);
    }

    private MalformedScriptException(String message) {
        super(message);
    }

    /** It was altered since its digest was made. */
    public static MalformedScriptException altered() {
        return new MalformedScriptException("The script is another one than its SHA-256 says");
    }
}
