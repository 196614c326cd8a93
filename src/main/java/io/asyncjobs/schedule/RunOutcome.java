package io.asyncjobs.schedule;

import java.util.Locale;

/** How a run ended. */
public enum RunOutcome {
    SUCCEEDED,
    FAILED,
    TIMED_OUT,
    LIMIT_EXCEEDED,
    CANCELLED,
    LOST;

    /** As in the database and in JSON. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The outcome of that wire name; {@link IllegalArgumentException} for any other text. */
    public static RunOutcome ofWireName(String name) {
        for (RunOutcome outcome : values()) {
            if (outcome.wireName().equals(name)) {
                return outcome;
            }
        }
        throw new IllegalArgumentException("No outcome is called " + name);
    }
}
