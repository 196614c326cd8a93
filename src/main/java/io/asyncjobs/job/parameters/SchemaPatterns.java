package io.asyncjobs.job.parameters;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The regular expressions of one schema, for one check. They are matched in time linear to the text (RE2), so none can
 * be written that backtracks for ever; what remains, the expression's size times the text's length, is added up over
 * the check and bounded. Not thread-safe.
 */
final class SchemaPatterns implements RegularExpressionFactory {

    /** An expression that cannot be used; its message says why, readable after the schema's name. */
    static final class UnusableException extends RuntimeException {
        UnusableException(String message) {
            super(message);
        }
    }

    /** All expressions together would take too much work. */
    static final class TooMuchWorkException extends RuntimeException {}

    private static final int MAX_LENGTH = 1_000;
    private static final int MAX_SIZE = 10_000;
    private static final long MAX_WORK = 50_000_000;

    private long work;

    @Override
    public RegularExpression getRegularExpression(String regex) {
        if (regex.length() > MAX_LENGTH) {
            throw new UnusableException("must hold regular expressions of at most " + MAX_LENGTH + " characters");
        }
        long size = size(regex);
        if (size > MAX_SIZE) {
            throw new UnusableException(
                    "must hold smaller regular expressions; the repetitions of '" + regex + "' multiply too far");
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(inRe2Syntax(regex));
        } catch (PatternSyntaxException e) {
            throw new UnusableException("must hold regular expressions without lookaround, references back and "
                    + "repetitions over 1,000; in '" + regex + "': " + e.getDescription());
        }
        return text -> {
            work += size * (text.length() + 1L);
            if (work > MAX_WORK) {
                throw new TooMuchWorkException();
            }
            return pattern.matcher(text).find();
        };
    }

    /**
     * How many steps the expression has when its counted repetitions are written out, as the matcher does in memory. A
     * bound, not exact, and for whatever text; what is no expression shows afterwards.
     */
    private static long size(String regex) {
        Deque<Long> before = new ArrayDeque<>();
        long sum = 0;
        long last = 0;
        for (int i = 0; i < regex.length(); i++) {
            switch (regex.charAt(i)) {
                case '\\' -> {
                    i++;
                    sum += last;
                    last = 1;
                }
                case '[' -> {
                    i = endOfClass(regex, i);
                    sum += last;
                    last = 1;
                }
                case '(' -> {
                    before.push(sum + last);
                    sum = 0;
                    last = 0;
                }
                case ')' -> {
                    last = sum + last + 2;
                    sum = before.isEmpty() ? 0 : before.pop();
                }
                case '{' -> last = Math.min(Math.max(last, 1) * (largestCount(regex, i) + 1L), MAX_SIZE + 1L);
                default -> {
                    sum += last;
                    last = 1;
                }
            }
        }
        return sum + last;
    }

    private static int endOfClass(String regex, int start) {
        for (int i = start + 1; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == ']' && i > start + 1) {
                return i;
            }
        }
        return regex.length();
    }

    /** The largest number right after the brace: of {@code {3,12}} 12; 0 where there is none. */
    private static int largestCount(String regex, int brace) {
        int largest = 0;
        int number = 0;
        for (int i = brace + 1; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(number * 10 + (c - '0'), MAX_SIZE);
                largest = Math.max(largest, number);
            } else if (c == ',') {
                number = 0;
            } else {
                break;
            }
        }
        return largest;
    }

    /** ECMAScript's {@code \}{@code u00e9} is {@code \x{00e9}} here. */
    private static String inRe2Syntax(String regex) {
        StringBuilder syntax = new StringBuilder(regex.length());
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c != '\\' || i + 1 == regex.length()) {
                syntax.append(c);
            } else if (regex.charAt(i + 1) == 'u' && isHexadecimal(regex, i + 2)) {
                syntax.append("\\x{").append(regex, i + 2, i + 6).append('}');
                i += 5;
            } else {
                syntax.append(c).append(regex.charAt(++i));
            }
        }
        return syntax.toString();
    }

    private static boolean isHexadecimal(String text, int start) {
        return start + 4 <= text.length()
                && text.chars().skip(start).limit(4).allMatch(c -> Character.digit(c, 16) >= 0 && c < 128);
    }
}
