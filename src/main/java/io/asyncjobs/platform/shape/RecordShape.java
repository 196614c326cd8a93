package io.asyncjobs.platform.shape;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a record and its annotations say about its fields. It is the only reader of them: JSON, forms and the OpenAPI
 * document ask it.
 *
 * @param fields in the order of the components
 */
public record RecordShape(Class<?> type, List<FieldShape> fields) {

    private static final ClassValue<RecordShape> SHAPES = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return derive(type);
        }
    };

    public RecordShape {
        fields = List.copyOf(fields);
    }

    /** The shape of that record, which is derived once. */
    public static RecordShape of(Class<?> type) {
        return SHAPES.get(type);
    }

    /** The names of all fields. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        fields.forEach(field -> names.add(field.name()));
        return names;
    }

    /** The names of the fields that must be sent. */
    public Set<String> required() {
        Set<String> required = new LinkedHashSet<>();
        fields.stream().filter(FieldShape::required).forEach(field -> required.add(field.name()));
        return required;
    }

    /** The fields in their order by dotted paths. A nested record stands there by its own fields. */
    public Map<String, FieldShape> leaves() {
        Map<String, FieldShape> leaves = new LinkedHashMap<>();
        for (FieldShape field : fields) {
            if (field.value().isRecord()) {
                field.value().nested().leaves().forEach((path, leaf) -> leaves.put(field.name() + "." + path, leaf));
            } else {
                leaves.put(field.name(), field);
            }
        }
        return leaves;
    }

    /** The field of that dotted path. A path that {@link #leaves} does not have gets a field without rules. */
    public FieldShape leaf(String path) {
        for (FieldShape field : fields) {
            if (field.value().isRecord()) {
                if (path.startsWith(field.name() + ".")) {
                    return field.value()
                            .nested()
                            .leaf(path.substring(field.name().length() + 1));
                }
            } else if (path.equals(field.name())) {
                return field;
            }
        }
        return FieldShape.WITHOUT_RULES;
    }

    private static RecordShape derive(Class<?> type) {
        if (!type.isRecord()) {
            throw new IllegalArgumentException(type + " is no record");
        }
        boolean leavesOut = type.isAnnotationPresent(JsonInclude.class);
        List<FieldShape> fields = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            fields.add(FieldShape.of(component, annotated(type, component), leavesOut));
        }
        return new RecordShape(type, fields);
    }

    /** Most annotations of a component reach its field, but not the component itself. */
    private static Field annotated(Class<?> type, RecordComponent component) {
        try {
            return type.getDeclaredField(component.getName());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("Every component of a record has a field", e);
        }
    }
}
