package io.asyncjobs.dashboard;

import java.util.regex.Pattern;

/** Takes back what a browser does to a text in a form: it sends every line end as CR LF, whatever it was given. */
final class LineEnds {

    private static final Pattern ANY = Pattern.compile("\r\n?");

    private LineEnds() {}

    /**
     * The text as it was meant.
     *
     * @param stored what the form was made of: where only line ends differ, it was not changed; where all of its lines end
     *     with CR LF, so do those of the new text
     */
    static String restored(String typed, String stored) {
        String text = withLineFeeds(typed);
        if (text.equals(withLineFeeds(stored))) {
            return stored;
        }
        String others = stored.replace("\r\n", "");
        boolean allCrLf = stored.contains("\r\n") && !others.contains("\n") && !others.contains("\r");
        return allCrLf ? text.replace("\n", "\r\n") : text;
    }

    private static String withLineFeeds(String text) {
        return ANY.matcher(text).replaceAll("\n");
    }
}
