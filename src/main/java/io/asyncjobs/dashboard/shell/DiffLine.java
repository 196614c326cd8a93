package io.asyncjobs.dashboard.shell;

import io.asyncjobs.platform.text.UnseenCharacters;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of a difference between two texts.
 *
 * @param kind added, removed or context
 */
public record DiffLine(String kind, String text) {

    private static final int HEADER_LINES = 2;

    /** With names for what cannot be seen, behind the sign that tells what became of the line. */
    public String named() {
        return text.isEmpty() ? "" : text.charAt(0) + UnseenCharacters.named(text.substring(1));
    }

    /**
     * The lines of a difference in the unified format, without its header.
     *
     * @param most so many characters at most; what is left out is counted
     */
    public static List<DiffLine> of(String diff, int most) {
        // Not lines(): a carriage return is part of its line
        String[] all = diff.split("\n");
        List<DiffLine> lines = new ArrayList<>();
        int left = most;
        for (int i = HEADER_LINES; i < all.length; i++) {
            if (left <= 0) {
                lines.add(new DiffLine("context", " … " + (all.length - i) + " lines more"));
                break;
            }
            String line = Excerpt.of(all[i], left).replace('\n', ' ');
            lines.add(
                    new DiffLine(line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "context", line));
            left -= line.length() + 1;
        }
        return lines;
    }
}
