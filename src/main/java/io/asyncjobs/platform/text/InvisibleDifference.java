package io.asyncjobs.platform.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Two texts that look alike and are not the same.
 *
 * @param kinds what they differ in, and in nothing else
 * @param places the first lines that differ
 */
public record InvisibleDifference(Set<Kind> kinds, List<Place> places) {

    private static final int MOST_PLACES = 20;
    private static final TextLine NONE = new TextLine("", "");

    /** What cannot be seen. */
    public enum Kind {
        LINE_ENDS,
        TRAILING_BLANKS,
        BYTE_ORDER_MARK,
        FINAL_NEWLINE,
        UNICODE_NORMALISATION,
        INVISIBLE_CHARACTERS
    }

    /**
     * A line that differs, with names for what cannot be seen.
     *
     * @param line from 1
     */
    public record Place(int line, String before, String after) {}

    public InvisibleDifference {
        kinds = Set.copyOf(kinds);
        places = List.copyOf(places);
    }

    /** How they differ; empty if they are the same, or if a reader can see the difference. */
    public static Optional<InvisibleDifference> between(String before, String after) {
        Set<Kind> all = EnumSet.allOf(Kind.class);
        if (before.equals(after) || !without(before, all).equals(without(after, all))) {
            return Optional.empty();
        }
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (Kind kind : all) {
            Set<Kind> others = EnumSet.complementOf(EnumSet.of(kind));
            if (!without(before, others).equals(without(after, others))) {
                kinds.add(kind);
            }
        }
        // Two kinds can stand for each other, such as a character that normalising takes away
        return Optional.of(new InvisibleDifference(
                kinds.isEmpty() ? EnumSet.of(Kind.INVISIBLE_CHARACTERS) : kinds, places(before, after)));
    }

    private static String without(String text, Set<Kind> kinds) {
        String left = text;
        if (kinds.contains(Kind.BYTE_ORDER_MARK) && left.startsWith("\uFEFF")) {
            left = left.substring(1);
        }
        if (kinds.contains(Kind.INVISIBLE_CHARACTERS)) {
            left = visible(left);
        }
        if (kinds.contains(Kind.LINE_ENDS)) {
            left = left.replace("\r\n", "\n").replace('\r', '\n');
        }
        if (kinds.contains(Kind.TRAILING_BLANKS)) {
            left = left.replaceAll("[ \\t]+(?=\\r|\\n|$)", "");
        }
        if (kinds.contains(Kind.FINAL_NEWLINE)) {
            left = withOneEnd(left);
        }
        if (kinds.contains(Kind.UNICODE_NORMALISATION)) {
            left = Normalizer.normalize(left, Normalizer.Form.NFC);
        }
        return left;
    }

    /** With one line end after its last line: the one that it has, or that of its first line. */
    private static String withOneEnd(String text) {
        List<TextLine> lines = TextLine.of(text);
        int last = lines.size();
        while (last > 0 && lines.get(last - 1).text().isEmpty()) {
            last--;
        }
        if (last == 0) {
            return "";
        }
        StringBuilder left = new StringBuilder(text.length() + 1);
        lines.subList(0, last - 1).forEach(line -> left.append(line.text()).append(line.end()));
        TextLine end = lines.get(last - 1).end().isEmpty() && last > 1 ? lines.getFirst() : lines.get(last - 1);
        return left.append(lines.get(last - 1).text())
                .append(end.end().isEmpty() ? TextLine.LF : end.end())
                .toString();
    }

    /** Spaces of all kinds are one; what is drawn as nothing is left out. The byte order mark at the start is another kind. */
    private static String visible(String text) {
        StringBuilder left = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.getType(c) == Character.SPACE_SEPARATOR) {
                left.append(' ');
            } else if (c == 0xFEFF && left.isEmpty()) {
                left.appendCodePoint(c);
            } else if (!UnseenCharacters.isDrawnAsNothing(c)) {
                left.appendCodePoint(c);
            }
        });
        return left.toString();
    }

    private static List<Place> places(String before, String after) {
        List<TextLine> old = TextLine.of(before);
        List<TextLine> fresh = TextLine.of(after);
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < Math.max(old.size(), fresh.size()) && places.size() < MOST_PLACES; i++) {
            TextLine left = i < old.size() ? old.get(i) : NONE;
            TextLine right = i < fresh.size() ? fresh.get(i) : NONE;
            if (!left.equals(right)) {
                boolean ends = !left.end().equals(right.end());
                places.add(new Place(i + 1, named(left, ends), named(right, ends)));
            }
        }
        return places;
    }

    private static String named(TextLine line, boolean withEnd) {
        return UnseenCharacters.named(line.text()) + (withEnd ? "⟨" + line.endWords() + "⟩" : "");
    }
}
