package io.asyncjobs.platform.text;

import com.github.difflib.patch.AbstractDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Two texts compared line by line, each line beside what became of it. */
public final class SideBySide {

    private static final int CONTEXT_LINES = 3;

    private final List<TextLine> old;
    private final List<TextLine> fresh;

    /** The line end that both texts have throughout; empty where they have several. */
    private final String usualEnd;

    private final List<Row> rows = new ArrayList<>();

    private SideBySide(List<TextLine> old, List<TextLine> fresh) {
        this.old = old;
        this.fresh = fresh;
        Set<String> ends = Stream.concat(old.stream(), fresh.stream())
                .map(TextLine::end)
                .filter(end -> !end.isEmpty())
                .collect(Collectors.toSet());
        this.usualEnd = ends.size() == 1 ? ends.iterator().next() : "";
    }

    /**
     * One line.
     *
     * @param number from 1
     * @param before what it shares with the line beside it, up to the first difference
     * @param changed what is different
     * @param after what it shares again
     * @param end its line end in words, where that is not the one that all lines have; else empty
     */
    public record Line(int number, String before, String changed, String after, String end) {

        /** With names for what cannot be seen. */
        public String beforeNamed() {
            return named(0, before.length());
        }

        /** With names for what cannot be seen. */
        public String changedNamed() {
            return named(before.length(), before.length() + changed.length());
        }

        /** With names for what cannot be seen. */
        public String afterNamed() {
            return named(before.length() + changed.length(), before.length() + changed.length() + after.length());
        }

        private String named(int from, int to) {
            return UnseenCharacters.named(before + changed + after, from, to);
        }
    }

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
        SideBySide compared = new SideBySide(TextLine.of(before), TextLine.of(after));
        compared.compare();
        return compared.rows;
    }

    private void compare() {
        int oldAt = 0;
        int freshAt = 0;
        for (AbstractDelta<TextLine> delta : UnifiedDiff.patch(old, fresh).getDeltas()) {
            int alike = delta.getSource().getPosition() - oldAt;
            addAlike(oldAt, freshAt, alike, rows.isEmpty() ? 0 : CONTEXT_LINES, CONTEXT_LINES);
            oldAt += alike;
            freshAt += alike;
            int removed = delta.getSource().size();
            int added = delta.getTarget().size();
            for (int i = 0; i < Math.max(removed, added); i++) {
                addChanged(
                        i < removed ? old.get(oldAt + i) : null,
                        oldAt + i + 1,
                        i < added ? fresh.get(freshAt + i) : null,
                        freshAt + i + 1);
            }
            oldAt += removed;
            freshAt += added;
        }
        addAlike(oldAt, freshAt, old.size() - oldAt, CONTEXT_LINES, 0);
    }

    /** Lines that are the same in both; of many, only those next to a difference. */
    private void addAlike(int oldAt, int freshAt, int count, int head, int tail) {
        boolean all = count <= head + tail + 1;
        for (int i = 0; i < count; i++) {
            if (all || i < head || i >= count - tail) {
                TextLine line = old.get(oldAt + i);
                rows.add(new Row(whole(line, oldAt + i + 1), whole(line, freshAt + i + 1), true, 0));
            } else if (i == head) {
                rows.add(new Row(null, null, true, count - head - tail));
            }
        }
    }

    private void addChanged(@Nullable TextLine before, int oldNumber, @Nullable TextLine after, int freshNumber) {
        if (before == null || after == null) {
            rows.add(new Row(
                    before == null ? null : whole(before, oldNumber),
                    after == null ? null : whole(after, freshNumber),
                    false,
                    0));
            return;
        }
        String a = before.text();
        String b = after.text();
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
        boolean otherEnd = !before.end().equals(after.end());
        rows.add(new Row(
                part(before, oldNumber, head, tail, otherEnd),
                part(after, freshNumber, head, tail, otherEnd),
                false,
                0));
    }

    private Line part(TextLine line, int number, int head, int tail, boolean otherEnd) {
        String text = line.text();
        return new Line(
                number,
                text.substring(0, head),
                text.substring(head, text.length() - tail),
                text.substring(text.length() - tail),
                // Beside one that has none, the usual end needs no word
                otherEnd && !line.end().equals(usualEnd) ? line.endWords() : end(line));
    }

    private Line whole(TextLine line, int number) {
        return new Line(number, line.text(), "", "", end(line));
    }

    private String end(TextLine line) {
        boolean usual = line.end().equals(usualEnd.isEmpty() ? TextLine.LF : usualEnd);
        return usual ? "" : line.endWords();
    }
}
