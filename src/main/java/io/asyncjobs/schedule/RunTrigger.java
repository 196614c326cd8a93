package io.asyncjobs.schedule;

import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What started a run. */
@Schema(description = "What started a run")
public enum RunTrigger {
    TIMER,
    MANUAL;

    /** As in the database and in JSON. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
