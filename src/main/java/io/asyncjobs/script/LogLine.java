package io.asyncjobs.script;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a run's log. The text is the script's: it may hold line ends, escapes and NUL, and is to be shown as data.
 *
 * @param dataJson what the script gave beside the text, as JSON
 * @param nanoTime when, on the clock of {@link System#nanoTime()}
 */
public record LogLine(LogLevel level, String text, @Nullable String dataJson, long nanoTime) {}
