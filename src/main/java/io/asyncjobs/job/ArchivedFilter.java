package io.asyncjobs.job;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Whether a list takes archived jobs. */
@Schema(description = "Whether a list takes archived jobs")
public enum ArchivedFilter {
    ANY(null),
    TRUE(true),
    FALSE(false);

    private final @Nullable Boolean archived;

    ArchivedFilter(@Nullable Boolean archived) {
        this.archived = archived;
    }

    /** The one value that counts, or null. */
    public @Nullable Boolean archived() {
        return archived;
    }
}
