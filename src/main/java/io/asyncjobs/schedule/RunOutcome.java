package io.asyncjobs.schedule;

import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How a run ended. */
@Schema(description = "How a run ended; lost: its node died, what became of it is not known")
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
