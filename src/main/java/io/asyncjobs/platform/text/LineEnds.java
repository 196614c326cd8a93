package io.asyncjobs.platform.text;

import com.github.difflib.patch.AbstractDelta;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes back what a browser does to a text in a form: it sends every line end as CR LF, whatever it was given. */
public final class LineEnds {

    private LineEnds() {}

    /**
     * The text as it was meant: each line that was not touched has the end that it had; one that was changed has the end
     * of the line in whose place it stands; one that is new has the end of a line beside it.
     *
     * @param stored what the form was made of
     */
    public static String restored(String typed, String stored) {
        List<TextLine> old = TextLine.of(stored);
        List<TextLine> fresh = TextLine.of(typed);
        @Nullable String[] ends = new @Nullable String[fresh.size()];
        int oldAt = 0;
        int freshAt = 0;
        for (AbstractDelta<String> delta :
                UnifiedDiff.patch(texts(old), texts(fresh)).getDeltas()) {
            int alike = delta.getSource().getPosition() - oldAt;
            takeEnds(old, oldAt, ends, freshAt, alike);
            oldAt += alike;
            freshAt += alike;
            int removed = delta.getSource().size();
            int added = delta.getTarget().size();
            takeEnds(old, oldAt, ends, freshAt, Math.min(removed, added));
            oldAt += removed;
            freshAt += added;
        }
        takeEnds(old, oldAt, ends, freshAt, old.size() - oldAt);
        return joined(fresh, ends, ends.length == 0 ? TextLine.LF : firstKnown(ends));
    }

    private static List<String> texts(List<TextLine> lines) {
        return lines.stream().map(TextLine::text).toList();
    }

    /** Of a last line without an end none is taken, since another line may follow it now. */
    private static void takeEnds(List<TextLine> old, int oldAt, @Nullable String[] ends, int freshAt, int count) {
        for (int i = 0; i < count; i++) {
            String end = old.get(oldAt + i).end();
            ends[freshAt + i] = end.isEmpty() ? null : end;
        }
    }

    private static String firstKnown(@Nullable String[] ends) {
        for (String end : ends) {
            if (end != null) {
                return end;
            }
        }
        return TextLine.LF;
    }

    private static String joined(List<TextLine> fresh, @Nullable String[] ends, String first) {
        StringBuilder text = new StringBuilder();
        String beside = first;
        for (int i = 0; i < ends.length; i++) {
            text.append(fresh.get(i).text());
            if (!fresh.get(i).end().isEmpty()) {
                beside = Objects.requireNonNullElse(ends[i], beside);
                text.append(beside);
            }
        }
        return text.toString();
    }
}
