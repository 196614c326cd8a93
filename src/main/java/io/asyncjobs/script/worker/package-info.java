/**
 * The worker: the process in which scripts run. It needs only the JDK and the polyglot jars. It holds no credential, opens
 * no connection and reads no file but its class path.
 *
 * <p>The node uses only the messages, {@link io.asyncjobs.script.worker.ToWorker} and
 * {@link io.asyncjobs.script.worker.FromWorker}, and their {@link io.asyncjobs.script.worker.Frame frames}.
 */
@NullMarked
package io.asyncjobs.script.worker;

import org.jspecify.annotations.NullMarked;
