/** The Async Job Manager: data scripts on timers, with attribution and history. */
@NullMarked
package io.asyncjobs;

import org.jspecify.annotations.NullMarked;
