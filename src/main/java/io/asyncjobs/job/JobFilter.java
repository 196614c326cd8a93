package io.asyncjobs.job;

import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.json.Texts;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs a list holds; null takes all.
 *
 * @param name a part of the name, whatever its case
 * @param user the associated user's name
 * @param text a part of name, description or user's name, or the beginning of the script's MD5 or SHA-256, as a tool
 *     prints it: what follows the digest does not count
 * @param userPart a part of the associated user's name, whatever its case
 */
public record JobFilter(
        @Nullable Boolean archived,
        @Nullable String name,
        @Nullable String user,
        @Nullable String text,
        @Nullable String userPart) {

    private static final Pattern DIGEST = Pattern.compile("([0-9a-f]{32}|[0-9a-f]{64})([\\s*].*)?");

    /** By what the API filters. */
    static JobFilter of(@Nullable Boolean archived, @Nullable String name, @Nullable String user) {
        return new JobFilter(archived, name, user, null, null);
    }

    /** By what the list of jobs for people filters. */
    public static JobFilter of(@Nullable String text, @Nullable String userPart) {
        return new JobFilter(null, null, null, text, userPart);
    }

    /** The text as names are compared. */
    String textKey() {
        return text == null ? "" : Name.searched(text);
    }

    /** The digest's beginning that the text may be, in lower case. */
    String digest() {
        String lower = text == null ? "" : Texts.storable(text.strip()).toLowerCase(Locale.ROOT);
        Matcher whole = DIGEST.matcher(lower);
        return whole.matches() ? whole.group(1) : lower;
    }
}
