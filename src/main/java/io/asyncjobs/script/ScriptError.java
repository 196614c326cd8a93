package io.asyncjobs.script;

import org.jspecify.annotations.Nullable;

/**
 * Why a run did not succeed.
 *
 * @param line of the script, from 1; {@code null} where none is known
 * @param column from 1, in UTF-16 units
 * @param stack the line of the script with a mark under the place, then one frame a line, as
 *     {@code at name (script:3:7)}; only the script's own
 */
public record ScriptError(
        String message,
        @Nullable Integer line,
        @Nullable Integer column,
        @Nullable String stack) {

    /** An error at a place of that script; {@code frames} are the lines of the stack. */
    static ScriptError at(String script, String message, int line, int column, @Nullable String frames) {
        String shown = CodeFrame.of(script, line, column);
        String stack = frames == null ? shown : shown.isEmpty() ? frames : shown + "\n" + frames;
        return new ScriptError(message, line, column, stack.isEmpty() ? null : stack);
    }

    public static ScriptError of(String message) {
        return new ScriptError(message, null, null, null);
    }
}
