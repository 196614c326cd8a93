package io.asyncjobs.dashboard.form;

import io.asyncjobs.platform.text.SideBySide;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field that two people changed: one of its values is to be chosen.
 *
 * @param before what both started from; null where that is not known
 * @param theirs what is stored now
 * @param yours what was typed
 */
public record Conflict(String path, @Nullable String before, String theirs, String yours) {

    private static final int LONG = 120;

    /** A value that can be chosen; {@code choice} is what the form sends for it. */
    public record Value(String choice, String name, String text) {}

    /** The values, in the order in which they are shown. */
    public List<Value> values() {
        List<Value> values = new ArrayList<>();
        values.add(new Value("theirs", "Theirs", theirs));
        values.add(new Value("yours", "Yours", yours));
        if (before != null) {
            values.add(new Value("before", "Before", before));
        }
        return values;
    }

    /** Whether the values are texts that are shown as differences, line by line. */
    public boolean isLong() {
        return isLong(theirs) || isLong(yours) || (before != null && isLong(before));
    }

    /** What they changed; against what was typed where the state before is not known. */
    public List<SideBySide.Row> theirRows() {
        return SideBySide.of(before == null ? yours : before, theirs);
    }

    /** What was changed by who sees this; empty where the state before is not known. */
    public List<SideBySide.Row> yourRows() {
        return before == null ? List.of() : SideBySide.of(before, yours);
    }

    private static boolean isLong(String text) {
        return text.length() > LONG || text.contains("\n") || text.contains("\r");
    }
}
