package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Size;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Binds trees to records and collects everything that does not fit. */
final class RecordBinder {

    /** One component of a record, as it is read. */
    private record Component(
            String name,
            Class<?> type,
            Type genericType,
            boolean nullable,
            @Nullable JsonNode absent,
            AnnotatedElement annotations) {}

    private record Shape(Constructor<?> constructor, List<Component> components) {}

    /** Stands for a value that could not be had; its reason is among the violations. */
    private static final Object INVALID = new Object();

    private static final Instant EARLIEST =
            OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC).toInstant();
    private static final Instant LATEST =
            OffsetDateTime.of(9999, 12, 31, 23, 59, 59, 0, ZoneOffset.UTC).toInstant();

    private final ObjectMapper json;
    private final Validator validator;

    private final ClassValue<Shape> shapes = new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
            return shapeOf(type);
        }
    };

    RecordBinder(ObjectMapper json, Validator validator) {
        this.json = json;
        this.validator = validator;
    }

    /** {@code found} are violations known from the text; what they name is not judged again. */
    <T extends Record> T bind(JsonNode body, Class<T> type, List<Violation> found) {
        if (!(body instanceof ObjectNode object)) {
            throw new MalformedException("The body must be a JSON object, but is " + kindOf(body) + ".");
        }
        Set<String> judged = new HashSet<>();
        found.forEach(violation -> judged.add(violation.field()));
        List<Violation> violations = new ArrayList<>(found);
        Object value = bindObject(object, type, "", violations, judged);
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        return type.cast(value);
    }

    /** Whether every component may be absent. */
    boolean needsNothing(Class<? extends Record> type) {
        return shapes.get(type).components().stream()
                .allMatch(component -> component.nullable() || component.absent() != null);
    }

    /** What a value is, in the words of a message. */
    static String kindOf(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "an array";
            case STRING -> "a text";
            case NUMBER -> "a number";
            case BOOLEAN -> node.asText();
            default -> "null";
        };
    }

    private Object bindObject(
            ObjectNode object, Class<?> type, String path, List<Violation> violations, Set<String> judged) {
        int before = violations.size();
        Shape shape = shapes.get(type);
        @Nullable Object[] values = new @Nullable Object[shape.components.size()];
        boolean complete = true;
        Set<String> known = new HashSet<>();
        for (int i = 0; i < values.length; i++) {
            Component component = shape.components.get(i);
            known.add(component.name);
            String at = Paths.field(path, component.name);
            Object value = judged.contains(at) ? INVALID : read(object, component, at, violations, judged);
            if (value != INVALID && !check(type, component, value, at, violations)) {
                value = INVALID;
            }
            complete &= value != INVALID;
            values[i] = value;
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!known.contains(field.getKey())) {
                violations.add(new Violation(
                        Paths.field(path, field.getKey()),
                        "is not a field that is known here; known are "
                                + String.join(", ", known.stream().sorted().toList())));
            }
        }
        if (!complete || violations.size() > before) {
            return INVALID;
        }
        return construct(shape.constructor, values);
    }

    private @Nullable Object read(
            ObjectNode object, Component component, String at, List<Violation> violations, Set<String> judged) {
        JsonNode given = object.get(component.name);
        if (given == null) {
            if (component.absent == null && !component.nullable) {
                violations.add(new Violation(at, "is required"));
                return INVALID;
            }
            given = component.absent;
        }
        if (given == null || given.isNull()) {
            if (!component.nullable) {
                violations.add(new Violation(at, "must not be null"));
                return INVALID;
            }
            return null;
        }
        return convert(given, component.type, component.genericType, component.annotations, at, violations, judged);
    }

    private boolean check(
            Class<?> type, Component component, @Nullable Object value, String at, List<Violation> violations) {
        Set<String> messages = new LinkedHashSet<>();
        for (ConstraintViolation<?> violation : validator.validateValue(type, component.name, value)) {
            messages.add(words(violation, component, value));
        }
        messages.forEach(message -> violations.add(new Violation(at, message)));
        return messages.isEmpty();
    }

    private static String words(ConstraintViolation<?> violation, Component component, @Nullable Object value) {
        if (!violation.getMessageTemplate().startsWith("{jakarta.validation.constraints.")) {
            return violation.getMessage();
        }
        return switch (violation.getConstraintDescriptor().getAnnotation()) {
            case Min min -> range(component.type, component.annotations) + ", was " + value;
            case Max max -> range(component.type, component.annotations) + ", was " + value;
            case NotBlank blank -> "must not be blank";
            case NotEmpty empty -> "must not be empty";
            case Size size
            when value instanceof CharSequence text ->
                "must be " + bounds(size) + " characters long, was " + text.length();
            case Size size
            when value instanceof Collection<?> items -> "must have " + bounds(size) + " entries, has " + items.size();
            case Size size
            when value instanceof Map<?, ?> entries -> "must have " + bounds(size) + " entries, has " + entries.size();
            default -> violation.getMessage();
        };
    }

    private static String bounds(Size size) {
        if (size.min() == 0) {
            return "at most " + size.max();
        }
        return size.max() == Integer.MAX_VALUE ? "at least " + size.min() : size.min() + " to " + size.max();
    }

    private static String range(Class<?> type, AnnotatedElement annotations) {
        Min min = annotations.getAnnotation(Min.class);
        Max max = annotations.getAnnotation(Max.class);
        String number = isWhole(type) ? "must be a whole number" : "must be a number";
        if (min != null && max != null) {
            return number + " from " + min.value() + " to " + max.value();
        }
        if (min != null) {
            return number + " of at least " + min.value();
        }
        return max != null ? number + " of at most " + max.value() : number;
    }

    private static boolean isWhole(Class<?> type) {
        return type == int.class || type == Integer.class || type == long.class || type == Long.class;
    }

    private Object convert(
            JsonNode given,
            Class<?> type,
            Type genericType,
            AnnotatedElement annotations,
            String at,
            List<Violation> violations,
            Set<String> judged) {
        if (type == String.class) {
            return given.isTextual()
                    ? text(given.textValue(), at, violations)
                    : refuse(
                            at,
                            "must be a text, was " + (isSecret(annotations) ? kindOf(given) : shown(given)),
                            violations);
        }
        if (isWhole(type)) {
            return whole(given, type, annotations, at, violations);
        }
        if (type == boolean.class || type == Boolean.class) {
            return given.isBoolean()
                    ? given.booleanValue()
                    : refuse(at, "must be true or false, was " + shown(given), violations);
        }
        if (type == double.class || type == Double.class) {
            return given.isNumber() && Double.isFinite(given.doubleValue())
                    ? given.doubleValue()
                    : refuse(at, range(type, annotations) + ", was " + shown(given), violations);
        }
        if (type.isEnum()) {
            return constant(given, type, at, violations);
        }
        if (type == Instant.class) {
            return instant(given, at, violations);
        }
        if (type == UUID.class) {
            return uuid(given, at, violations);
        }
        if (JsonNode.class.isAssignableFrom(type)) {
            if (!type.isInstance(given)) {
                return refuse(
                        at,
                        "must be " + (type == ArrayNode.class ? "an array" : "an object") + ", was " + shown(given),
                        violations);
            }
            return free(given, at, annotations.isAnnotationPresent(ForScripts.class), violations) ? given : INVALID;
        }
        if (type.isRecord()) {
            return given instanceof ObjectNode object
                    ? bindObject(object, type, at, violations, judged)
                    : refuse(at, "must be an object, was " + shown(given), violations);
        }
        if (type == List.class || type == Set.class) {
            return elements(given, type, argument(genericType, 0), at, violations, judged);
        }
        if (type == Map.class) {
            return entries(given, argument(genericType, 1), at, violations, judged);
        }
        throw new IllegalStateException("No way to read a " + genericType + " at " + at);
    }

    private static Object refuse(String at, String message, List<Violation> violations) {
        violations.add(new Violation(at, message));
        return INVALID;
    }

    /** The value for a message: numbers as sent, anything else by its kind. */
    private static String shown(JsonNode given) {
        if (given.isNumber()) {
            String number = given.asText();
            return number.length() <= 40 ? number : number.substring(0, 40) + "…";
        }
        return kindOf(given);
    }

    /** What is only ever written must not come back in a message either. */
    private static boolean isSecret(AnnotatedElement annotations) {
        Schema schema = annotations.getAnnotation(Schema.class);
        return schema != null && schema.writeOnly();
    }

    private static Object text(String text, String at, List<Violation> violations) {
        String fault = Texts.fault(text);
        return fault == null ? text : refuse(at, fault, violations);
    }

    private static Object whole(
            JsonNode given, Class<?> type, AnnotatedElement annotations, String at, List<Violation> violations) {
        if (given.isNumber()) {
            BigDecimal number = given.decimalValue();
            boolean small = type == int.class || type == Integer.class;
            BigDecimal lowest = BigDecimal.valueOf(small ? Integer.MIN_VALUE : Long.MIN_VALUE);
            BigDecimal highest = BigDecimal.valueOf(small ? Integer.MAX_VALUE : Long.MAX_VALUE);
            // The order matters: within these bounds a remainder is cheap, 1e999999999 is never expanded
            if (number.compareTo(lowest) >= 0
                    && number.compareTo(highest) <= 0
                    && number.scale() <= 1000
                    && number.remainder(BigDecimal.ONE).signum() == 0) {
                return small ? (Object) number.intValueExact() : (Object) number.longValueExact();
            }
        }
        return refuse(at, range(type, annotations) + ", was " + shown(given), violations);
    }

    private Object constant(JsonNode given, Class<?> type, String at, List<Violation> violations) {
        Map<String, Object> constants = new LinkedHashMap<>();
        for (Object constant : type.getEnumConstants()) {
            constants.put(json.convertValue(constant, String.class), constant);
        }
        Object constant = given.isTextual() ? constants.get(given.textValue()) : null;
        return constant != null
                ? constant
                : refuse(at, "must be one of " + String.join(", ", constants.keySet()), violations);
    }

    private static Object instant(JsonNode given, String at, List<Violation> violations) {
        if (given.isTextual()) {
            try {
                Instant instant = OffsetDateTime.parse(given.textValue()).toInstant();
                if (!instant.isBefore(EARLIEST) && !instant.isAfter(LATEST)) {
                    return instant;
                }
            } catch (DateTimeException e) {
                // Said below
            }
        }
        return refuse(at, "must be an instant like 2026-01-31T12:00:00Z, in a year from 1 to 9999", violations);
    }

    private static Object uuid(JsonNode given, String at, List<Violation> violations) {
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
        return refuse(at, "must be a UUID like 0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f", violations);
    }

    private Object elements(
            JsonNode given, Class<?> type, Type element, String at, List<Violation> violations, Set<String> judged) {
        if (!(given instanceof ArrayNode array)) {
            return refuse(at, "must be an array, was " + shown(given), violations);
        }
        int before = violations.size();
        Collection<Object> values = type == Set.class ? new LinkedHashSet<>() : new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            Object value = nested(array.get(i), element, Paths.element(at, i), violations, judged);
            if (!values.add(value)) {
                refuse(Paths.element(at, i), "is given more than once", violations);
            }
        }
        if (violations.size() > before) {
            return INVALID;
        }
        return values instanceof Set<Object> set
                ? Collections.unmodifiableSet(set)
                : Collections.unmodifiableList((List<Object>) values);
    }

    private Object entries(JsonNode given, Type element, String at, List<Violation> violations, Set<String> judged) {
        if (!(given instanceof ObjectNode object)) {
            return refuse(at, "must be an object, was " + shown(given), violations);
        }
        int before = violations.size();
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String path = Paths.field(at, entry.getKey());
            text(entry.getKey(), path, violations);
            values.put(entry.getKey(), nested(entry.getValue(), element, path, violations, judged));
        }
        return violations.size() > before ? INVALID : Collections.unmodifiableMap(values);
    }

    private Object nested(JsonNode given, Type type, String at, List<Violation> violations, Set<String> judged) {
        if (given.isNull()) {
            return refuse(at, "must not be null", violations);
        }
        return convert(given, raw(type), type, raw(type), at, violations, judged);
    }

    private static Class<?> raw(Type type) {
        return switch (type) {
            case Class<?> raw -> raw;
            case ParameterizedType parameterized -> (Class<?>) parameterized.getRawType();
            default -> throw new IllegalStateException("No way to read a " + type);
        };
    }

    private static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    /**
     * Any JSON may stand here, as long as PostgreSQL and JavaScript can both hold it.
     *
     * @param forScripts whether each whole number must be the same in JavaScript
     */
    static boolean free(JsonNode given, String at, boolean forScripts, List<Violation> violations) {
        int before = violations.size();
        switch (given) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> field : object.properties()) {
                    String path = Paths.field(at, field.getKey());
                    text(field.getKey(), path, violations);
                    free(field.getValue(), path, forScripts, violations);
                }
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    free(array.get(i), Paths.element(at, i), forScripts, violations);
                }
            }
            case JsonNode leaf when leaf.isTextual() -> text(leaf.textValue(), at, violations);
            case JsonNode leaf
            when leaf.isNumber() -> {
                String fault = forScripts ? JsNumbers.faultForScripts(leaf) : JsNumbers.fault(leaf);
                if (fault != null) {
                    refuse(at, fault, violations);
                }
            }
            default -> {}
        }
        return violations.size() == before;
    }

    private static Object construct(Constructor<?> constructor, @Nullable Object[] values) {
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("A draft must be a public record: " + constructor, e);
        }
    }

    private Shape shapeOf(Class<?> type) {
        List<Component> components = new ArrayList<>();
        RecordComponent[] declared = type.getRecordComponents();
        Class<?>[] types = new Class<?>[declared.length];
        for (int i = 0; i < declared.length; i++) {
            RecordComponent component = declared[i];
            types[i] = component.getType();
            AnnotatedElement field = fieldOf(type, component.getName());
            Schema schema = field.getAnnotation(Schema.class);
            components.add(new Component(
                    component.getName(),
                    component.getType(),
                    component.getGenericType(),
                    component.getAnnotatedType().isAnnotationPresent(Nullable.class),
                    schema == null || schema.defaultValue().isEmpty()
                            ? null
                            : defaultOf(schema.defaultValue(), component.getType()),
                    field));
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return new Shape(constructor, List.copyOf(components));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(type + " has no canonical constructor", e);
        }
    }

    private static AnnotatedElement fieldOf(Class<?> type, String name) {
        try {
            return type.getDeclaredField(name);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(type + " has no field " + name, e);
        }
    }

    private static JsonNode defaultOf(String text, Class<?> type) {
        boolean quoted = type == String.class || type.isEnum() || type == Instant.class || type == UUID.class;
        return quoted ? TextNode.valueOf(text) : JsonText.read(text, new ArrayList<>());
    }
}
