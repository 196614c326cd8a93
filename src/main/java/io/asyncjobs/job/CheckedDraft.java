package io.asyncjobs.job;

import io.asyncjobs.platform.Name;
import io.asyncjobs.script.ScriptSource;

/** A draft whose script parses and whose name can be one; whether the name is free and the account known shows at save. */
public record CheckedDraft(JobDraft draft, Name name, ScriptSource script, User user) {

    /** Which account the job may be given. */
    enum User {
        /** The one that it has, active or not: the caller did not name any. */
        KEPT,
        /** An active one. */
        ACTIVE,
        /** The one that it has, or an active one. */
        KEPT_OR_ACTIVE,
        /** Any one that there is: the caller knows whether it is active. */
        ANY
    }
}
