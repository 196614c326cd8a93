package io.asyncjobs.platform.http;

import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.PreconditionMissingException;
import io.asyncjobs.platform.problem.StaleException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Conditional requests by strong ETags (RFC 9110, section 13). Tags are given quoted, as in the headers. */
public final class EntityTags {

    private static final Pattern TAG = Pattern.compile("\\s*(W/)?(\"[\\x21\\x23-\\x7E]*\")\\s*(,|$)");

    private EntityTags() {}

    /** The header value of a strong tag. */
    public static String strong(String opaque) {
        return '"' + opaque + '"';
    }

    /**
     * Lets a change pass only if it is based on what is there.
     *
     * @param ifMatch the header as it came
     * @throws PreconditionMissingException without the header
     * @throws StaleException when it names another state
     */
    public static void requireMatch(@Nullable String ifMatch, String current) {
        requireMatch(ifMatch, current, UnaryOperator.identity());
    }

    private static PreconditionMissingException missing() {
        return new PreconditionMissingException(
                "Send the header If-Match with the ETag last read, or * for whatever it is now.");
    }

    /**
     * As {@link #requireMatch(String, String)}, where only a part of the state counts.
     *
     * @param part what of a tag stands for that part
     */
    public static void requireMatch(@Nullable String ifMatch, String current, UnaryOperator<String> part) {
        if (ifMatch == null || ifMatch.isBlank()) {
            throw missing();
        }
        requireMatchIfGiven(ifMatch, current, part);
    }

    /** As {@link #requireMatch(String, String)}, but without the header everything passes. */
    public static void requireMatchIfGiven(@Nullable String ifMatch, String current) {
        requireMatchIfGiven(ifMatch, current, UnaryOperator.identity());
    }

    private static void requireMatchIfGiven(@Nullable String ifMatch, String current, UnaryOperator<String> part) {
        if (ifMatch == null || ifMatch.isBlank() || ifMatch.strip().equals("*")) {
            return;
        }
        // Strong comparison: a weak tag never matches here
        if (tags("If-Match", ifMatch, false).stream().map(part).noneMatch(part.apply(current)::equals)) {
            throw new StaleException(
                    "If-Match names another state than the present one, whose ETag is " + current + ".");
        }
    }

    /**
     * Whether a PUT is to create what is not there, and not to replace what is: {@code If-None-Match: *}.
     *
     * @throws MalformedException when the headers say something else that cannot be done
     */
    public static boolean isCreation(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
        if (ifNoneMatch == null || ifNoneMatch.isBlank()) {
            return false;
        }
        if (!ifNoneMatch.strip().equals("*")) {
            throw new MalformedException(
                    "If-None-Match of a PUT must be *, which creates and never replaces; to replace, send If-Match.");
        }
        if (ifMatch != null && !ifMatch.isBlank()) {
            throw new MalformedException("Send If-Match to replace, or If-None-Match to create, and not both.");
        }
        return true;
    }

    /** Whether If-None-Match says that the reader has this state already. */
    public static boolean isKnown(@Nullable String ifNoneMatch, String current) {
        if (ifNoneMatch == null || ifNoneMatch.isBlank()) {
            return false;
        }
        return ifNoneMatch.strip().equals("*")
                || tags("If-None-Match", ifNoneMatch, true).contains(current);
    }

    private static List<String> tags(String header, String value, boolean weakToo) {
        List<String> tags = new ArrayList<>();
        Matcher matcher = TAG.matcher(value);
        int at = 0;
        while (at < value.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new MalformedException(header + " must hold ETags in double quotes, or *.");
            }
            if (weakToo || matcher.group(1) == null) {
                tags.add(matcher.group(2));
            }
            at = matcher.end();
        }
        return tags;
    }
}
