/**
 * Describes records once: {@link io.asyncjobs.platform.shape.RecordShape} tells the JSON reader, the forms and the OpenAPI
 * document the same about a field.
 */
@NullMarked
package io.asyncjobs.platform.shape;

import org.jspecify.annotations.NullMarked;
