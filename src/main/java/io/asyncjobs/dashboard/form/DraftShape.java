package io.asyncjobs.dashboard.form;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a draft's own annotations say about its fields, by their paths: forms show the same bounds, defaults and
 * explanations as the API's document.
 */
public final class DraftShape {

    /**
     * One field.
     *
     * @param standard what it takes when it is left out
     * @param options what it may be, where that is one of a few
     * @param secret whether it is never shown
     */
    public record Field(
            String description,
            String standard,
            @Nullable Long least,
            @Nullable Long most,
            @Nullable Integer maxLength,
            boolean required,
            List<String> options,
            boolean secret) {

        static final Field UNKNOWN = new Field("", "", null, null, null, false, List.of(), false);

        public Field {
            options = List.copyOf(options);
        }
    }

    private static final ClassValue<DraftShape> SHAPES = new ClassValue<>() {
        @Override
        protected DraftShape computeValue(Class<?> type) {
            Map<String, Field> fields = new LinkedHashMap<>();
            collect(type, "", fields);
            return new DraftShape(fields);
        }
    };

    private final Map<String, Field> fields;

    private DraftShape(Map<String, Field> fields) {
        this.fields = fields;
    }

    public static DraftShape of(Class<? extends Record> draft) {
        return SHAPES.get(draft);
    }

    /** The fields in their order, those of nested records by dotted paths. */
    public Map<String, Field> fields() {
        return fields;
    }

    /** The field of that path; for one that the draft does not have, a field without rules. */
    public Field field(String path) {
        return fields.getOrDefault(path, Field.UNKNOWN);
    }

    private static void collect(Class<?> draft, String prefix, Map<String, Field> fields) {
        for (RecordComponent component : draft.getRecordComponents()) {
            String path = prefix + component.getName();
            if (component.getType().isRecord()) {
                collect(component.getType(), path + ".", fields);
            } else {
                fields.put(path, field(component.getType(), annotations(draft, component)));
            }
        }
    }

    private static Field field(Class<?> type, AnnotatedElement annotations) {
        Schema schema = annotations.getAnnotation(Schema.class);
        Min min = annotations.getAnnotation(Min.class);
        Max max = annotations.getAnnotation(Max.class);
        Size size = annotations.getAnnotation(Size.class);
        return new Field(
                schema == null ? "" : schema.description(),
                schema == null ? "" : schema.defaultValue(),
                min == null ? null : min.value(),
                max == null ? null : max.value(),
                size == null || type != String.class ? null : size.max(),
                annotations.isAnnotationPresent(NotBlank.class) || (schema != null && schema.required()),
                type.isEnum()
                        ? Arrays.stream(type.getEnumConstants())
                                .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                                .toList()
                        : List.of(),
                schema != null && schema.writeOnly());
    }

    private static AnnotatedElement annotations(Class<?> draft, RecordComponent component) {
        try {
            return draft.getDeclaredField(component.getName());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("Every component of a record has a field", e);
        }
    }
}
