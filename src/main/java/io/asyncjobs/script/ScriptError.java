package io.asyncjobs.script;

import org.jspecify.annotations.Nullable;

/**
 * Why a run did not succeed. Holds nothing of the script's text: {@link #withCode} adds that for whoever may read it.
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

    /** The same with the line of that script, and a mark under the place, before the stack. */
    public ScriptError withCode(String script) {
        String code = line == null || column == null ? "" : CodeFrame.of(script, line, column);
        if (code.isEmpty()) {
            return this;
        }
        return new ScriptError(message, line, column, stack == null ? code : code + "\n" + stack);
    }
}
