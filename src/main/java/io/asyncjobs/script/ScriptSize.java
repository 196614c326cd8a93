package io.asyncjobs.script;

import io.asyncjobs.platform.json.Texts;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/** A script is as large as its UTF-8, whichever way it comes; null is left to others. */
@Constraint(validatedBy = ScriptSize.Check.class)
@Target({ElementType.FIELD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
public @interface ScriptSize {

    String message() default "must not be too large";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    /** Says how large it is. */
    final class Check implements ConstraintValidator<ScriptSize, String> {

        @Override
        public boolean isValid(@Nullable String value, ConstraintValidatorContext context) {
            int bytes = value == null ? 0 : Texts.bytes(value);
            if (bytes <= ScriptSource.MAX_BYTES) {
                return true;
            }
            context.disableDefaultConstraintViolation();
            context.buildConstraintViolationWithTemplate(ScriptSource.tooLarge(bytes))
                    .addConstraintViolation();
            return false;
        }
    }
}
