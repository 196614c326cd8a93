package io.asyncjobs.script;

/**
 * A run that is wanted.
 *
 * @param strict whether it runs in strict mode, as all do that were not saved before
 * @param parametersJson what the script sees as {@code params}
 * @param contextJson an object with the members {@code job}, {@code run} and {@code user}, which become globals
 */
public record ScriptRequest(
        ScriptSource source, boolean strict, String parametersJson, String contextJson, ScriptLimits limits) {

    /** Text, parameters and context travel in one frame. */
    static final int MAX_CHARS = 5 * 1024 * 1024;

    public ScriptRequest(ScriptSource source, String parametersJson, String contextJson, ScriptLimits limits) {
        this(source, true, parametersJson, contextJson, limits);
    }

    public ScriptRequest {
        if ((long) source.text().length() + parametersJson.length() + contextJson.length() > MAX_CHARS) {
            throw new IllegalArgumentException("script and parameters are larger than " + MAX_CHARS + " characters");
        }
    }
}
