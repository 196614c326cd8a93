package io.asyncjobs.platform.text;

import com.github.difflib.patch.AbstractDelta;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two texts compared line by line, each line beside what became of it. */
public final class SideBySide {

    private static final int CONTEXT_LINES = 3;
    private static final String NO_LAST_LINE_END = "\n\\ No newline at end of file";

    private SideBySide() {}

    /**
     * One line.
     *
     * @param number from 1
     * @param before what it shares with the line beside it, up to the first difference
     * @param changed what is different
     * @param after what it shares again
     * @param endless whether it is the last line and has no line end
     */
    public record Line(int number, String before, String changed, String after, boolean endless) {}

    /**
     * A line of the old text and one of the new one; one side may be missing. Without both, a place where lines that are
     * the same were left out.
     *
     * @param skipped how many were left out here
     */
    public record Row(@Nullable Line old, @Nullable Line fresh, boolean same, int skipped) {}

    /** The rows with a difference and some around them; empty where both texts are the same. */
    public static List<Row> of(String before, String after) {
        if (before.equals(after)) {
            return List.of();
        }
        List<String> old = UnifiedDiff.lines(before);
        List<String> fresh = UnifiedDiff.lines(after);
        List<Row> rows = new ArrayList<>();
        int oldAt = 0;
        int freshAt = 0;
        for (AbstractDelta<String> delta : UnifiedDiff.patch(old, fresh).getDeltas()) {
            int alike = delta.getSource().getPosition() - oldAt;
            addAlike(rows, old, oldAt, freshAt, alike, rows.isEmpty() ? 0 : CONTEXT_LINES, CONTEXT_LINES);
            oldAt += alike;
            freshAt += alike;
            int removed = delta.getSource().size();
            int added = delta.getTarget().size();
            for (int i = 0; i < Math.max(removed, added); i++) {
                rows.add(changed(
                        i < removed ? old.get(oldAt + i) : null,
                        oldAt + i + 1,
                        i < added ? fresh.get(freshAt + i) : null,
                        freshAt + i + 1));
            }
            oldAt += removed;
            freshAt += added;
        }
        addAlike(rows, old, oldAt, freshAt, old.size() - oldAt, CONTEXT_LINES, 0);
        return rows;
    }

    /** Lines that are the same in both; of many, only those next to a difference. */
    private static void addAlike(
            List<Row> rows, List<String> old, int oldAt, int freshAt, int count, int head, int tail) {
        boolean all = count <= head + tail + 1;
        for (int i = 0; i < count; i++) {
            if (all || i < head || i >= count - tail) {
                String text = old.get(oldAt + i);
                rows.add(new Row(whole(text, oldAt + i + 1), whole(text, freshAt + i + 1), true, 0));
            } else if (i == head) {
                rows.add(new Row(null, null, true, count - head - tail));
            }
        }
    }

    private static Row changed(@Nullable String old, int oldNumber, @Nullable String fresh, int freshNumber) {
        if (old == null || fresh == null) {
            return new Row(
                    old == null ? null : whole(old, oldNumber),
                    fresh == null ? null : whole(fresh, freshNumber),
                    false,
                    0);
        }
        String a = bare(old);
        String b = bare(fresh);
        int shorter = Math.min(a.length(), b.length());
        int head = 0;
        while (head < shorter && a.charAt(head) == b.charAt(head)) {
            head++;
        }
        if (head > 0 && Character.isHighSurrogate(a.charAt(head - 1))) {
            head--;
        }
        int tail = 0;
        while (tail < shorter - head && a.charAt(a.length() - 1 - tail) == b.charAt(b.length() - 1 - tail)) {
            tail++;
        }
        if (tail > 0 && Character.isLowSurrogate(a.charAt(a.length() - tail))) {
            tail--;
        }
        return new Row(part(old, oldNumber, head, tail), part(fresh, freshNumber, head, tail), false, 0);
    }

    private static Line part(String line, int number, int head, int tail) {
        String text = bare(line);
        return new Line(
                number,
                text.substring(0, head),
                text.substring(head, text.length() - tail),
                text.substring(text.length() - tail),
                isEndless(line));
    }

    private static Line whole(String line, int number) {
        return new Line(number, bare(line), "", "", isEndless(line));
    }

    private static String bare(String line) {
        return isEndless(line) ? line.substring(0, line.length() - NO_LAST_LINE_END.length()) : line;
    }

    private static boolean isEndless(String line) {
        return line.endsWith(NO_LAST_LINE_END);
    }
}
