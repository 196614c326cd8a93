package io.asyncjobs.script;

import org.jspecify.annotations.Nullable;

/**
 * Why a run did not succeed.
 *
 * @param line of the script, from 1; {@code null} where none is known
 * @param column from 1, in UTF-16 units
 * @param stack one frame a line, as {@code at name (script:3:7)}; only the script's own
 */
public record ScriptError(
        String message,
        @Nullable Integer line,
        @Nullable Integer column,
        @Nullable String stack) {

    public static ScriptError of(String message) {
        return new ScriptError(message, null, null, null);
    }
}
