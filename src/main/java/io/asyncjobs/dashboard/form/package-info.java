/**
 * Owns forms: their fields, how they are filled from the API's drafts and read back, and conflicts between two editors.
 *
 * <p>Offers {@link io.asyncjobs.dashboard.form.Forms} to every page that has a form. It uses no other room.
 */
@NullMarked
package io.asyncjobs.dashboard.form;

import org.jspecify.annotations.NullMarked;
