package io.asyncjobs.platform.json;

import io.asyncjobs.platform.shape.FieldShape;
import io.asyncjobs.platform.shape.ValueShape;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Size;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a message says of a constraint, readable after the name of its field. */
final class ConstraintWords {

    private ConstraintWords() {}

    static String of(ConstraintViolation<?> violation, FieldShape field, @Nullable Object value) {
        if (!violation.getMessageTemplate().startsWith("{jakarta.validation.constraints.")) {
            return violation.getMessage();
        }
        return switch (violation.getConstraintDescriptor().getAnnotation()) {
            case Min min -> range(field) + ", was " + value;
            case Max max -> range(field) + ", was " + value;
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

    /** Which numbers the field takes. */
    static String range(FieldShape field) {
        Long least = field.least();
        Long most = field.most();
        String number = field.value().kind() == ValueShape.Kind.WHOLE ? "must be a whole number" : "must be a number";
        if (least != null && most != null) {
            return number + " from " + least + " to " + most;
        }
        if (least != null) {
            return number + " of at least " + least;
        }
        return most != null ? number + " of at most " + most : number;
    }

    /** Of the constraint, not of the field: it may be one of the field's elements. */
    private static String bounds(Size size) {
        if (size.min() == 0) {
            return "at most " + size.max();
        }
        return size.max() == Integer.MAX_VALUE ? "at least " + size.min() : size.min() + " to " + size.max();
    }
}
