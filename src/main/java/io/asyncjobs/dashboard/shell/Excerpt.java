package io.asyncjobs.dashboard.shell;

/** The beginning of a long text, for a page; the API has all of it. */
public final class Excerpt {

    private Excerpt() {}

    /** At most so many characters of the text, and how many there are beside them. */
    public static String of(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = end(text, most);
        return text.substring(0, end) + "\n… " + text.codePointCount(end, text.length()) + " characters more";
    }

    /** The place, or the one before it where a character would be cut in two. */
    public static int end(String text, int at) {
        return at > 0 && Character.isHighSurrogate(text.charAt(at - 1)) ? at - 1 : at;
    }
}
