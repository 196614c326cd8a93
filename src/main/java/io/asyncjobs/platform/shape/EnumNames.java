package io.asyncjobs.platform.shape;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What the constants of enums are called outside: in JSON, in forms, in query parameters and in the OpenAPI document. */
public final class EnumNames {

    private static final ClassValue<Map<String, Object>> NAMES = new ClassValue<>() {
        @Override
        protected Map<String, Object> computeValue(Class<?> type) {
            Map<String, Object> names = new LinkedHashMap<>();
            for (Object constant : type.getEnumConstants()) {
                names.put(outside(declared(type, ((Enum<?>) constant).name())), constant);
            }
            return Collections.unmodifiableMap(names);
        }
    };

    private EnumNames() {}

    /** The constants in their order, by their names outside. */
    public static Map<String, Object> of(Class<?> type) {
        return NAMES.get(type);
    }

    /** The name outside of a constant that is declared so; the same as Jackson writes. */
    public static String outside(String declared) {
        return declared.toLowerCase(Locale.ROOT);
    }

    private static String declared(Class<?> type, String constant) {
        try {
            JsonProperty property = type.getField(constant).getAnnotation(JsonProperty.class);
            return property == null || property.value().isEmpty() ? constant : property.value();
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("Every constant of an enum has a field", e);
        }
    }
}
