/**
 * Owns what all pages share: layout, navigation, sign-in, error pages, addresses and the wording of values.
 *
 * <p>Offers the layout ({@link io.asyncjobs.dashboard.shell.Shells}), rows that update while they are shown
 * ({@link io.asyncjobs.dashboard.shell.LiveRows}), and the heading and the row of a job, which several rooms show. It uses
 * {@code form} to keep a form while its reader signs in again.
 */
@NullMarked
package io.asyncjobs.dashboard.shell;

import org.jspecify.annotations.NullMarked;
