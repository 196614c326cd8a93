package io.asyncjobs.dashboard.form;

import io.asyncjobs.platform.Instants;
import io.asyncjobs.platform.problem.InvalidException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Times that are typed into a form: in UTC, unless they name their zone as those do that a browser's script converted. */
public final class UtcInput {

    private UtcInput() {}

    /** The instant that was typed; null for an empty field. */
    public static @Nullable Instant parse(String field, @Nullable String typed) {
        if (typed == null || typed.isBlank()) {
            return null;
        }
        String text = typed.strip().replace(' ', 'T');
        try {
            return Instants.bounded(
                    text.matches(".*T.*([Zz]|[+-]\\d\\d:?\\d\\d)")
                            ? OffsetDateTime.parse(text).toInstant()
                            : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            throw new InvalidException(field, "must be a time in UTC like 2026-01-31T18:00");
        }
    }

    /** As a field of a form takes it; empty for null. */
    public static String format(@Nullable Instant instant) {
        return instant == null
                ? ""
                : instant.truncatedTo(ChronoUnit.SECONDS)
                        .atOffset(ZoneOffset.UTC)
                        .toLocalDateTime()
                        .toString();
    }
}
