package io.asyncjobs.audit;

import java.util.Locale;

/** By which way a change came. */
public enum AuditVia {
    API,
    DASHBOARD,
    SCRIPT,
    SYSTEM;

    /** As in the database and in JSON. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
