package io.asyncjobs.schedule;

import java.util.Locale;

/** What started a run. */
public enum RunTrigger {
    TIMER,
    MANUAL;

    /** As in the database and in JSON. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
