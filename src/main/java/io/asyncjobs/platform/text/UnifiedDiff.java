package io.asyncjobs.platform.text;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.algorithm.DiffAlgorithmListener;
import com.github.difflib.patch.ChangeDelta;
import com.github.difflib.patch.Chunk;
import com.github.difflib.patch.Patch;
import java.util.ArrayList;
import java.util.List;

/** Two texts compared line by line, in the unified format. */
public final class UnifiedDiff {

    private static final int CONTEXT_LINES = 3;

    /**
     * The search for the smallest difference takes time and memory by the square of its size. Texts that differ by more
     * lines than this share too little for it to tell a reader anything.
     */
    private static final int MOST_CHANGED_LINES = 2_000;

    private UnifiedDiff() {}

    /** The difference with its header lines; empty where both texts are the same. Line ends are part of their lines. */
    public static String of(String nameBefore, String before, String nameAfter, String after) {
        if (before.equals(after)) {
            return "";
        }
        List<String> old = lines(before);
        List<String> fresh = lines(after);
        List<String> diff =
                UnifiedDiffUtils.generateUnifiedDiff(nameBefore, nameAfter, old, patch(old, fresh), CONTEXT_LINES);
        return String.join("\n", diff) + "\n";
    }

    /** The lines without their line feeds; a last line that has none says so as {@code diff} does. */
    static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
            lines.add(text.substring(from, end));
            from = end + 1;
        }
        if (from < text.length()) {
            lines.add(text.substring(from) + "\n\\ No newline at end of file");
        }
        return lines;
    }

    static <T> Patch<T> patch(List<T> old, List<T> fresh) {
        try {
            return DiffUtils.diff(old, fresh, new Bound());
        } catch (TooDifferentException e) {
            return replaced(old, fresh);
        }
    }

    /** Everything between the lines that both begin and end with. */
    private static <T> Patch<T> replaced(List<T> old, List<T> fresh) {
        int shorter = Math.min(old.size(), fresh.size());
        int head = 0;
        while (head < shorter && old.get(head).equals(fresh.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < shorter - head && old.get(old.size() - 1 - tail).equals(fresh.get(fresh.size() - 1 - tail))) {
            tail++;
        }
        Patch<T> patch = new Patch<>();
        patch.addDelta(new ChangeDelta<>(
                new Chunk<>(head, old.subList(head, old.size() - tail)),
                new Chunk<>(head, fresh.subList(head, fresh.size() - tail))));
        return patch;
    }

    private static final class TooDifferentException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        TooDifferentException() {
            super(null, null, false, false);
        }
    }

    /** Ends the search when it has gone too far. */
    private static final class Bound implements DiffAlgorithmListener {

        @Override
        public void diffStart() {}

        @Override
        public void diffStep(int changedLines, int most) {
            if (changedLines > MOST_CHANGED_LINES) {
                throw new TooDifferentException();
            }
        }

        @Override
        public void diffEnd() {}
    }
}
