package io.asyncjobs.dashboard.shell;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What was just done, said on the page that a form leads to: {@code ?done=archived}. */
public enum Notice {
    CREATED("The job was created. It runs within its first interval."),
    SAVED("The changes were saved."),
    MERGED("Your changes were saved, together with what somebody else had saved meanwhile."),
    UNCHANGED("Nothing had changed, so nothing was saved."),
    ARCHIVED("The job was archived. It does not run any more."),
    UNARCHIVED("The job is back in use."),
    PAUSED("The job is paused."),
    RESUMED("The job goes on at its next tick."),
    STARTED("A run was started."),
    CANCELLED("The run was asked to stop."),
    REVERTED("The job is again what it was in that revision."),
    DELETED("The job was deleted."),
    STATE_CHANGED("The state was changed. The next run sees it."),
    BULK_PAUSED("The jobs are paused."),
    BULK_RESUMED("The jobs go on at their next ticks."),
    BULK_STARTED("A run of each job was started."),
    BULK_ARCHIVED("The jobs were archived. They do not run any more."),
    TRANSFERRED("The jobs were transferred."),
    ACCOUNT_CREATED("The account was created. Jobs can act as it."),
    ACCOUNT_DELETED("The account was deleted."),
    CONNECTION_CREATED("The connection was created. Scripts can call it by its name."),
    CONNECTION_DELETED("The connection was deleted. Scripts that call it fail."),
    APPROVED("The plan is approved. It can be applied until its approval expires."),
    SWITCHED_OFF("The Async Job Manager is off: its pages are hidden, its jobs go on."),
    SWITCHED_ON("The Async Job Manager is on again.");

    private final String text;

    Notice(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** As it stands in an address. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The notice of that key; null for anything else. */
    public static @Nullable Notice of(@Nullable String key) {
        for (Notice notice : values()) {
            if (notice.key().equals(key)) {
                return notice;
            }
        }
        return null;
    }
}
