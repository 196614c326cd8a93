package io.asyncjobs.security;

/** The roles there are. */
public final class Roles {

    /** May do everything; nobody else may do anything. */
    public static final String SUPERADMIN = "superadmin";

    private Roles() {}
}
