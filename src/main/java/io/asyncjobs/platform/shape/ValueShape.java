package io.asyncjobs.platform.shape;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a value is in JSON.
 *
 * @param type its class in Java
 * @param item of a list or set each element, of a map each value; null for all others
 */
public record ValueShape(Kind kind, Class<?> type, @Nullable ValueShape item) {

    /** The kinds of values. */
    public enum Kind {
        /** A text. */
        TEXT,
        /** A number without decimals. */
        WHOLE,
        /** A number. */
        DECIMAL,
        /** True or false. */
        TRUTH,
        /** A text that is one of a few. */
        CONSTANT,
        /** A text that is an instant. */
        INSTANT,
        /** A text that is a UUID. */
        UUID,
        /** JSON of the class that {@code type} names, with whatever is in it. */
        FREE,
        /** An object with the fields of a record. */
        RECORD,
        /** An array. */
        LIST,
        /** An array without duplicates. */
        SET,
        /** An object with any keys. */
        MAP,
        /** What no request holds. */
        OTHER
    }

    private static final Map<Class<?>, Kind> PLAIN = Map.of(
            String.class, Kind.TEXT,
            Instant.class, Kind.INSTANT,
            UUID.class, Kind.UUID,
            List.class, Kind.LIST,
            Set.class, Kind.SET,
            Map.class, Kind.MAP);

    static final ValueShape ANY = new ValueShape(Kind.OTHER, Object.class, null);

    static ValueShape of(Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            Type[] arguments = generic.getActualTypeArguments();
            Kind kind = kindOf(raw);
            return new ValueShape(kind, raw, isCollection(kind) ? of(arguments[arguments.length - 1]) : null);
        }
        return type instanceof Class<?> raw ? new ValueShape(kindOf(raw), raw, null) : ANY;
    }

    /** Whether it has fields. */
    public boolean isRecord() {
        return kind == Kind.RECORD;
    }

    /** The shape of a record. It is looked up late, so that a record may hold its own kind. */
    public RecordShape nested() {
        return RecordShape.of(type);
    }

    /** Whether a whole number must fit 32 bits. */
    public boolean isSmall() {
        return type == int.class || type == Integer.class;
    }

    /** The shape of what it holds. */
    public ValueShape held() {
        if (item == null) {
            throw new IllegalStateException("A " + type + " holds nothing that is known");
        }
        return item;
    }

    /** Whether its default is written as a text without quotes. */
    public boolean isQuoted() {
        return kind == Kind.TEXT || kind == Kind.CONSTANT || kind == Kind.INSTANT || kind == Kind.UUID;
    }

    private static boolean isCollection(Kind kind) {
        return kind == Kind.LIST || kind == Kind.SET || kind == Kind.MAP;
    }

    private static Kind kindOf(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return Kind.WHOLE;
        }
        if (type == double.class || type == Double.class) {
            return Kind.DECIMAL;
        }
        if (type == boolean.class || type == Boolean.class) {
            return Kind.TRUTH;
        }
        if (type.isEnum()) {
            return Kind.CONSTANT;
        }
        if (type.isRecord()) {
            return Kind.RECORD;
        }
        if (JsonNode.class.isAssignableFrom(type)) {
            return Kind.FREE;
        }
        return PLAIN.getOrDefault(type, Kind.OTHER);
    }
}
