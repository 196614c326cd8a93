package io.asyncjobs.platform.json;

import java.util.regex.Pattern;

/**
 * Paths of fields as people write them: {@code parameters.limits[2].name}. A name that would not be told from the path
 * around it stands in brackets and quotes: {@code parameters["a.b"]}.
 */
public final class Paths {

    /** A client may send names as long as its body; what is echoed is bounded. */
    private static final int MAX_NAME = 100;

    /** What a path is made of. */
    private static final Pattern MARKS = Pattern.compile("[.\\[\\]\"]");

    private Paths() {}

    public static String field(String parent, String name) {
        String shown = printable(name);
        if (shown.isEmpty() || MARKS.matcher(shown).find()) {
            return parent + "[\"" + shown.replace("\\", "\\\\").replace("\"", "\\\"") + "\"]";
        }
        return parent.isEmpty() ? shown : parent + '.' + shown;
    }

    public static String element(String parent, int index) {
        return parent + '[' + index + ']';
    }

    private static String printable(String name) {
        String cut = name.length() > MAX_NAME ? name.substring(0, MAX_NAME) + "…" : name;
        StringBuilder shown = new StringBuilder(cut.length());
        cut.codePoints().forEach(c -> shown.appendCodePoint(Character.isISOControl(c) || isSurrogate(c) ? 0xFFFD : c));
        return shown.toString();
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
