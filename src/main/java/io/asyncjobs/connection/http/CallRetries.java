package io.asyncjobs.connection.http;

import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.HttpSettings;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides whether a call that came to nothing is sent again, and when. Has no state. */
final class CallRetries {

    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "PUT", "DELETE");
    private static final Set<Integer> PASSING = Set.of(429, 502, 503, 504);
    private static final Set<Object> BROKEN = Set.of("unreachable", "broken");
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private CallRetries() {}

    /** The pause after that answer; empty where it counts. */
    static Optional<Duration> afterAnswer(
            HttpSettings settings, String method, int sent, HttpAnswer answer, RandomGenerator random) {
        if (!mayBeSentAgain(settings, method, sent) || !PASSING.contains(answer.status())) {
            return Optional.empty();
        }
        Duration asked =
                retryAfter(answer.headers().get("retry-after"), answer.headers().get("date"));
        return Optional.of(asked != null ? asked : pause(sent, random));
    }

    /** The pause after that failure; empty where it counts. */
    static Optional<Duration> afterFailure(
            HttpSettings settings, String method, int sent, ConnectionCallException failure, RandomGenerator random) {
        boolean passing = BROKEN.contains(failure.fields().get("code"));
        return passing && mayBeSentAgain(settings, method, sent) ? Optional.of(pause(sent, random)) : Optional.empty();
    }

    private static boolean mayBeSentAgain(HttpSettings settings, String method, int sent) {
        Integer retries = settings.retries();
        return retries != null && sent <= retries && IDEMPOTENT.contains(method);
    }

    /** Twice as long each time, and of that between a half and the whole, so that many callers do not come back at once. */
    private static Duration pause(int sent, RandomGenerator random) {
        long most = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(sent - 1, 10));
        return Duration.ofMillis(most / 2 + random.nextLong(most / 2 + 1));
    }

    /** Seconds, or an instant by the clock of whoever answers; null for what is neither. */
    private static @Nullable Duration retryAfter(@Nullable String header, @Nullable String date) {
        if (header == null) {
            return null;
        }
        String text = header.strip();
        if (SECONDS.matcher(text).matches()) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        if (date == null) {
            return null;
        }
        try {
            Duration asked = Duration.between(instant(date.strip()), instant(text));
            return asked.isNegative() ? Duration.ZERO : asked;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static ZonedDateTime instant(String text) {
        return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
    }
}
