/** The child process in which scripts run, and the frames it speaks. Needs only the polyglot jars and jackson-core. */
@NullMarked
package io.asyncjobs.script.worker;

import org.jspecify.annotations.NullMarked;
