package io.asyncjobs.platform.shape;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Of a draft's component that holds free JSON: a script reads it, so each whole number in it must be one that JavaScript holds. */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
public @interface ForScripts {}
