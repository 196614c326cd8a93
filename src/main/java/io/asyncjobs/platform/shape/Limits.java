package io.asyncjobs.platform.shape;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.lang.reflect.AnnotatedElement;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The constraints of a field; null says nothing.
 *
 * @param least the least number
 * @param most the largest number
 * @param mostSize the most characters of a text or entries of a list or map
 * @param mostSaid the most characters that the OpenAPI document names. It differs from {@code mostSize} where a text is
 *     measured in another way, such as a name without the spaces around it or a script in bytes
 */
public record Limits(
        @Nullable Long least,
        @Nullable Long most,
        @Nullable Integer mostSize,
        @Nullable Integer mostSaid) {

    /** Says nothing. */
    public static final Limits NONE = new Limits(null, null, null, null);

    /** Of a text or a list. */
    public static Limits ofSize(int most) {
        return new Limits(null, null, most, most);
    }

    /** Of a number. */
    public static Limits ofNumber(long least, long most) {
        return new Limits(least, most, null, null);
    }

    static Limits of(AnnotatedElement annotations, @Nullable Schema schema) {
        Min min = annotations.getAnnotation(Min.class);
        Max max = annotations.getAnnotation(Max.class);
        Size size = annotations.getAnnotation(Size.class);
        Integer mostSize = size == null || size.max() == Integer.MAX_VALUE ? null : size.max();
        return new Limits(
                min == null ? null : min.value(),
                max == null ? null : max.value(),
                mostSize,
                schema == null || schema.maxLength() == Integer.MAX_VALUE
                        ? mostSize
                        : Integer.valueOf(schema.maxLength()));
    }
}
