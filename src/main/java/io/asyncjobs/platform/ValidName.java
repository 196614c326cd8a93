package io.asyncjobs.platform;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/** The text must be one that {@link Name} takes; null is left to others. */
@Constraint(validatedBy = ValidName.Check.class)
@Target({ElementType.FIELD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
public @interface ValidName {

    String message() default "must be a name";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    /** Says what exactly is wrong. */
    final class Check implements ConstraintValidator<ValidName, String> {

        @Override
        public boolean isValid(@Nullable String value, ConstraintValidatorContext context) {
            String fault = value == null ? null : Name.fault(value);
            if (fault == null) {
                return true;
            }
            context.disableDefaultConstraintViolation();
            // Safe as a template: what is in it comes from Name, never from the value
            context.buildConstraintViolationWithTemplate(fault).addConstraintViolation();
            return false;
        }
    }
}
