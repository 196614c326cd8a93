package io.asyncjobs.dashboard.shell;

import io.asyncjobs.platform.text.UnseenCharacters;
import io.quarkus.qute.TemplateExtension;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** How names of fields and texts of others are written on pages; plain text throughout, escaped by the template. */
@TemplateExtension
public final class Wording {

    /** What reorders or hides what stands around it, and control characters but for tab and line feed. */
    private static final Pattern UNSEEN = Pattern.compile(
            "[\\x00-\\x08\\x0B-\\x1F\\x7F-\\x9F\\u061C\\u200B\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF]");

    private static final Pattern HUMP = Pattern.compile("(?<=[a-z])(?=[A-Z])|_");

    private static final Map<String, String> SPELT = Map.of(
            "http.baseUrl", "Base URL",
            "http.authentication.type", "Authentication",
            "http", "Kind",
            "email", "E-mail",
            "postgresql.tls", "TLS",
            "postgresql.username", "Role");

    private Wording() {}

    /** A name as one segment of a path. */
    public static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** {@code basic}, {@code verify full}: a constant as people read it. */
    public static String spaced(String constant) {
        return constant.replace('_', ' ');
    }

    /** The last name of a field's path in words: {@code Connect timeout millis}. */
    public static String fieldWords(String path) {
        String spelt = SPELT.get(path);
        if (spelt != null) {
            return spelt;
        }
        String last = path.substring(path.lastIndexOf('.') + 1);
        String words = HUMP.matcher(last).replaceAll(" ");
        return words.isEmpty()
                ? words
                : words.substring(0, 1).toUpperCase(Locale.ROOT)
                        + words.substring(1).toLowerCase(Locale.ROOT);
    }

    /** With what cannot be seen, or would reorder what can, as its code point; {@code job.js} writes what comes later so too. */
    public static String visible(String text) {
        return UNSEEN.matcher(text)
                .replaceAll(match -> "⟨U+%04X⟩".formatted((int) match.group().charAt(0)));
    }

    /** For a difference: with names for what cannot be seen, and for blanks at the end of a line. */
    static String named(String text) {
        return UnseenCharacters.named(text);
    }

    /** {@code 1 job}, {@code 2 jobs}. */
    static String counted(Number count, String noun) {
        return count + " " + noun + (count.longValue() == 1 ? "" : "s");
    }

    /** As durations are written everywhere. */
    static String millis(Integer millis) {
        return Formats.duration(millis.longValue());
    }

    /** {@code 0.8 s}, {@code 3 min}, {@code 2 h}, {@code 5 d}. */
    public static String rough(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return "%.1f s".formatted(duration.toMillis() / 1000.0);
        }
        if (seconds < 60 * 60) {
            return seconds / 60 + " min";
        }
        return seconds < 48 * 60 * 60 ? seconds / (60 * 60) + " h" : seconds / (24 * 60 * 60) + " d";
    }
}
