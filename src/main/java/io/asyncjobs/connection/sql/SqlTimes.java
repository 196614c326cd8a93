package io.asyncjobs.connection.sql;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's texts of {@code timestamp} and {@code timestamptz} as scripts see them: always with six digits of the second,
 * so that the order of the texts is the order of the times; with a zone always in UTC, with a {@code Z} at the end.
 */
final class SqlTimes {

    private static final Pattern TIME = Pattern.compile("(?<year>\\d{4,6})-(?<month>\\d\\d)-(?<day>\\d\\d)"
            + " (?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)(\\.(?<fraction>\\d{1,6}))?"
            + "(?<offset>[+-]\\d\\d(:\\d\\d){0,2})?(?<before> BC)?");

    private static final DateTimeFormatter SIX_DIGITS = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS")
            .toFormatter(Locale.ROOT);

    private SqlTimes() {}

    /** What is no time, like {@code infinity}, stays as it is. */
    static String of(String text) {
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            return text;
        }
        int year = number(time, "year");
        LocalDateTime local = LocalDateTime.of(
                time.group("before") == null ? year : 1 - year,
                number(time, "month"),
                number(time, "day"),
                number(time, "hour"),
                number(time, "minute"),
                number(time, "second"),
                micros(time.group("fraction")) * 1000);
        String offset = time.group("offset");
        return offset == null
                ? local.format(SIX_DIGITS)
                : local.minusSeconds(seconds(offset)).format(SIX_DIGITS) + "Z";
    }

    private static int number(Matcher time, String group) {
        return Integer.parseInt(time.group(group));
    }

    private static int micros(@Nullable String fraction) {
        return fraction == null ? 0 : Integer.parseInt((fraction + "00000").substring(0, 6));
    }

    private static int seconds(String offset) {
        String[] parts = offset.substring(1).split(":");
        int seconds = 0;
        for (int i = 0; i < 3; i++) {
            seconds = 60 * seconds + (i < parts.length ? Integer.parseInt(parts[i]) : 0);
        }
        return offset.startsWith("-") ? -seconds : seconds;
    }
}
