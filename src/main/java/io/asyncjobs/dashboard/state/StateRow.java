package io.asyncjobs.dashboard.state;

import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.run.state.StateEntryView;

/**
 * A key of a job's state in the list.
 *
 * @param value as indented JSON; empty where it is left out of the list
 * @param edit the page on which it is changed
 */
public record StateRow(StateEntryView entry, String value, String edit) {

    private static final int LONG = 120;

    static StateRow of(StateEntryView entry, String value, String path) {
        return new StateRow(
                entry,
                value,
                Address.of(path + "/edit").with("key", entry.key()).toString());
    }

    /** Whether the value is too long to stand open. */
    public boolean isLong() {
        return value.length() > LONG || value.contains("\n");
    }
}
