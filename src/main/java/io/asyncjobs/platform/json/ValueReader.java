package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.asyncjobs.platform.Instants;
import io.asyncjobs.platform.shape.EnumNames;
import io.asyncjobs.platform.shape.FieldShape;
import io.asyncjobs.platform.shape.ValueShape;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** Reads single values without coercion: a number is no text, and a text is no number. */
final class ValueReader {

    private static final int MAX_SCALE = 1_000;

    private ValueReader() {}

    /** The value, or {@link Faults#INVALID}. */
    static Object read(JsonNode given, FieldShape field, String at, Faults faults) {
        return switch (field.value().kind()) {
            case TEXT -> text(given, field, at, faults);
            case WHOLE -> whole(given, field, at, faults);
            case DECIMAL ->
                given.isNumber() && Double.isFinite(given.doubleValue())
                        ? (Object) given.doubleValue()
                        : outOfRange(given, field, at, faults);
            case TRUTH ->
                given.isBoolean()
                        ? (Object) given.booleanValue()
                        : faults.refuse(at, "must be true or false, was " + Faults.shown(given));
            case CONSTANT -> constant(given, field.value(), at, faults);
            case INSTANT -> instant(given, at, faults);
            case UUID -> uuid(given, at, faults);
            case FREE -> free(given, field, at, faults);
            case RECORD, LIST, SET, MAP, OTHER ->
                throw new IllegalStateException(
                        "No way to read a " + field.value().type() + " at " + at);
        };
    }

    private static Object text(JsonNode given, FieldShape field, String at, Faults faults) {
        if (!given.isTextual()) {
            // What is only ever written must not come back in a message either
            String was = field.secret() ? Faults.kindOf(given) : Faults.shown(given);
            return faults.refuse(at, "must be a text, was " + was);
        }
        return FreeJson.text(given.textValue(), at, faults) ? given.textValue() : Faults.INVALID;
    }

    private static Object whole(JsonNode given, FieldShape field, String at, Faults faults) {
        if (given.isNumber()) {
            BigDecimal number = given.decimalValue();
            boolean small = field.value().isSmall();
            BigDecimal lowest = BigDecimal.valueOf(small ? Integer.MIN_VALUE : Long.MIN_VALUE);
            BigDecimal highest = BigDecimal.valueOf(small ? Integer.MAX_VALUE : Long.MAX_VALUE);
            // The order matters: within these bounds a remainder is cheap, 1e999999999 is never expanded
            if (number.compareTo(lowest) >= 0
                    && number.compareTo(highest) <= 0
                    && number.scale() <= MAX_SCALE
                    && number.remainder(BigDecimal.ONE).signum() == 0) {
                return small ? (Object) number.intValueExact() : (Object) number.longValueExact();
            }
        }
        return outOfRange(given, field, at, faults);
    }

    private static Object outOfRange(JsonNode given, FieldShape field, String at, Faults faults) {
        return faults.refuse(at, ConstraintWords.range(field) + ", was " + Faults.shown(given));
    }

    private static Object constant(JsonNode given, ValueShape shape, String at, Faults faults) {
        Map<String, Object> constants = EnumNames.of(shape.type());
        Object constant = given.isTextual() ? constants.get(given.textValue()) : null;
        return constant != null
                ? constant
                : faults.refuse(at, "must be one of " + String.join(", ", constants.keySet()));
    }

    private static Object instant(JsonNode given, String at, Faults faults) {
        if (given.isTextual()) {
            try {
                return Instants.bounded(OffsetDateTime.parse(given.textValue()).toInstant());
            } catch (DateTimeException e) {
                // Said below
            }
        }
        return faults.refuse(at, Instants.FORM);
    }

    private static Object uuid(JsonNode given, String at, Faults faults) {
        if (given.isTextual()) {
            try {
                UUID uuid = UUID.fromString(given.textValue());
                // The parser takes short groups too
                if (uuid.toString().equals(given.textValue().toLowerCase(Locale.ROOT))) {
                    return uuid;
                }
            } catch (IllegalArgumentException e) {
                // Said below
            }
        }
        return faults.refuse(at, "must be a UUID like 0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f");
    }

    private static Object free(JsonNode given, FieldShape field, String at, Faults faults) {
        Class<?> type = field.value().type();
        if (!type.isInstance(given)) {
            String wanted = type == ArrayNode.class ? "an array" : "an object";
            return faults.refuse(at, "must be " + wanted + ", was " + Faults.shown(given));
        }
        return FreeJson.check(given, at, field.marks().forScripts(), faults) ? given : Faults.INVALID;
    }
}
