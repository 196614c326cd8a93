package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.shape.FieldShape;
import io.asyncjobs.platform.shape.RecordShape;
import io.asyncjobs.platform.shape.ValueShape;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Binds trees to records, as their {@link RecordShape} says, and collects everything that does not fit. */
final class RecordBinder {

    /** A field with the value that it takes when it is absent; null for none. */
    private record Component(FieldShape field, @Nullable JsonNode absent) {}

    private record Binding(Constructor<?> constructor, List<Component> components) {}

    private static final ClassValue<Binding> BINDINGS = new ClassValue<>() {
        @Override
        protected Binding computeValue(Class<?> type) {
            return bindingOf(type);
        }
    };

    private final Validator validator;

    RecordBinder(Validator validator) {
        this.validator = validator;
    }

    /** {@code found} are violations known from the text; what they name is not judged again. */
    <T extends Record> T bind(JsonNode body, Class<T> type, List<Violation> found) {
        if (!(body instanceof ObjectNode object)) {
            throw new MalformedException("The body must be a JSON object, but is " + Faults.kindOf(body) + ".");
        }
        Faults faults = new Faults(found);
        Object value = bindObject(object, type, "", faults);
        if (!faults.isEmpty()) {
            throw new InvalidException(faults.violations());
        }
        return type.cast(value);
    }

    /** Whether every component may be absent. */
    boolean needsNothing(Class<? extends Record> type) {
        return RecordShape.of(type).required().isEmpty();
    }

    private Object bindObject(ObjectNode object, Class<?> type, String path, Faults faults) {
        int before = faults.count();
        Binding binding = BINDINGS.get(type);
        @Nullable Object[] values = new @Nullable Object[binding.components.size()];
        boolean complete = true;
        Set<String> known = new HashSet<>();
        for (int i = 0; i < values.length; i++) {
            FieldShape field = binding.components.get(i).field;
            known.add(field.name());
            String at = Paths.field(path, field.name());
            Object value = faults.isJudged(at) ? Faults.INVALID : read(object, binding.components.get(i), at, faults);
            if (value != Faults.INVALID && !check(type, field, value, at, faults)) {
                value = Faults.INVALID;
            }
            complete &= value != Faults.INVALID;
            values[i] = value;
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!known.contains(field.getKey())) {
                faults.refuse(
                        Paths.field(path, field.getKey()),
                        "is not a field that is known here; known are "
                                + String.join(", ", known.stream().sorted().toList()));
            }
        }
        if (!complete || faults.count() > before) {
            return Faults.INVALID;
        }
        return construct(binding.constructor, values);
    }

    private @Nullable Object read(ObjectNode object, Component component, String at, Faults faults) {
        FieldShape field = component.field;
        JsonNode given = object.get(field.name());
        if (given == null) {
            if (field.required()) {
                return faults.refuse(at, "is required");
            }
            given = component.absent;
        }
        if (given == null || given.isNull()) {
            return field.nullable() ? null : faults.refuse(at, "must not be null");
        }
        return convert(given, field, at, faults);
    }

    private boolean check(Class<?> type, FieldShape field, @Nullable Object value, String at, Faults faults) {
        Set<String> messages = new LinkedHashSet<>();
        for (ConstraintViolation<?> violation : validator.validateValue(type, field.name(), value)) {
            messages.add(ConstraintWords.of(violation, field, value));
        }
        messages.forEach(message -> faults.refuse(at, message));
        return messages.isEmpty();
    }

    private Object convert(JsonNode given, FieldShape field, String at, Faults faults) {
        ValueShape shape = field.value();
        return switch (shape.kind()) {
            case RECORD ->
                given instanceof ObjectNode object
                        ? bindObject(object, shape.type(), at, faults)
                        : faults.refuse(at, "must be an object, was " + Faults.shown(given));
            case LIST, SET -> elements(given, shape, at, faults);
            case MAP -> entries(given, shape.held(), at, faults);
            default -> ValueReader.read(given, field, at, faults);
        };
    }

    private Object elements(JsonNode given, ValueShape shape, String at, Faults faults) {
        if (!(given instanceof ArrayNode array)) {
            return faults.refuse(at, "must be an array, was " + Faults.shown(given));
        }
        int before = faults.count();
        Collection<Object> values = shape.kind() == ValueShape.Kind.SET ? new LinkedHashSet<>() : new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            Object value = nested(array.get(i), shape.held(), Paths.element(at, i), faults);
            if (!values.add(value)) {
                faults.refuse(Paths.element(at, i), "is given more than once");
            }
        }
        if (faults.count() > before) {
            return Faults.INVALID;
        }
        return values instanceof Set<Object> set
                ? Collections.unmodifiableSet(set)
                : Collections.unmodifiableList((List<Object>) values);
    }

    private Object entries(JsonNode given, ValueShape element, String at, Faults faults) {
        if (!(given instanceof ObjectNode object)) {
            return faults.refuse(at, "must be an object, was " + Faults.shown(given));
        }
        int before = faults.count();
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String path = Paths.field(at, entry.getKey());
            FreeJson.text(entry.getKey(), path, faults);
            values.put(entry.getKey(), nested(entry.getValue(), element, path, faults));
        }
        return faults.count() > before ? Faults.INVALID : Collections.unmodifiableMap(values);
    }

    private Object nested(JsonNode given, ValueShape item, String at, Faults faults) {
        return given.isNull()
                ? faults.refuse(at, "must not be null")
                : convert(given, FieldShape.ofItem(item), at, faults);
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

    private static Binding bindingOf(Class<?> type) {
        List<Component> components = RecordShape.of(type).fields().stream()
                .map(field -> new Component(field, absent(field)))
                .toList();
        Class<?>[] types = components.stream()
                .map(component -> component.field.value().type())
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return new Binding(constructor, components);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(type + " has no canonical constructor", e);
        }
    }

    private static @Nullable JsonNode absent(FieldShape field) {
        if (field.standard().isEmpty()) {
            return null;
        }
        return field.value().isQuoted()
                ? TextNode.valueOf(field.standard())
                : JsonText.read(field.standard(), new ArrayList<>());
    }
}
