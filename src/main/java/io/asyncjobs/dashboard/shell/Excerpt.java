package io.asyncjobs.dashboard.shell;

/** The beginning of a long text, for a page; the API has all of it. */
public final class Excerpt {

    private Excerpt() {}

    /** At most so many characters of the text, and how many there are beside them. */
    public static String of(String text, int most) {
        return text.length() <= most
                ? text
                : text.substring(0, end(text, most)) + "\n… " + (text.length() - most) + " characters more";
    }

    /** The place, or the one before it where a character would be cut in two. */
    public static int end(String text, int at) {
        return at > 0 && Character.isHighSurrogate(text.charAt(at - 1)) ? at - 1 : at;
    }
}
