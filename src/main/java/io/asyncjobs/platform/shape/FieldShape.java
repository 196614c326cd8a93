package io.asyncjobs.platform.shape;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.RecordComponent;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a field.
 *
 * @param nullable whether it may be null
 * @param standard what it takes when it is not sent, as a text or as JSON; empty for none
 * @param marks what else is special to it
 */
public record FieldShape(
        String name,
        ValueShape value,
        boolean nullable,
        String standard,
        String description,
        Limits limits,
        Marks marks) {

    /**
     * What few fields are.
     *
     * @param secret whether it is written and never shown
     * @param forScripts whether each whole number in it must be one that JavaScript holds
     * @param leftOut whether an answer may be without it
     */
    public record Marks(boolean secret, boolean forScripts, boolean leftOut) {
        static final Marks NONE = new Marks(false, false, false);
    }

    static final FieldShape WITHOUT_RULES = ofItem(ValueShape.ANY);

    /** An element of a list or a value of a map: it has a shape, and no rules of its own. */
    public static FieldShape ofItem(ValueShape item) {
        return new FieldShape("", item, false, "", "", Limits.NONE, Marks.NONE);
    }

    static FieldShape of(RecordComponent component, AnnotatedElement annotations, boolean leavesOut) {
        Schema schema = annotations.getAnnotation(Schema.class);
        ValueShape value = ValueShape.of(component.getGenericType());
        boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        boolean included = !leavesOut && !annotations.isAnnotationPresent(JsonInclude.class);
        return new FieldShape(
                component.getName(),
                value,
                nullable,
                schema == null ? "" : schema.defaultValue(),
                schema == null ? "" : schema.description(),
                Limits.of(annotations, schema),
                new Marks(
                        schema != null && schema.writeOnly(),
                        annotations.isAnnotationPresent(ForScripts.class),
                        !included && (nullable || value.kind() == ValueShape.Kind.LIST)));
    }

    /** Whether it must be sent. */
    public boolean required() {
        return !nullable && standard.isEmpty();
    }

    /** The least number it may be. */
    public @Nullable Long least() {
        return limits.least();
    }

    /** The largest number it may be. */
    public @Nullable Long most() {
        return limits.most();
    }

    /** The most characters of a text, as they are counted when it is checked. */
    public @Nullable Integer maxLength() {
        return value.kind() == ValueShape.Kind.TEXT ? limits.mostSize() : null;
    }

    /** What it may be, where that is one of a few. */
    public List<String> options() {
        return value.kind() == ValueShape.Kind.CONSTANT
                ? List.copyOf(EnumNames.of(value.type()).keySet())
                : List.of();
    }

    /** Whether it is written and never shown. */
    public boolean secret() {
        return marks.secret();
    }
}
