/**
 * The child process in which scripts run, and the frames it speaks with the node. Needs only the JDK and the polyglot
 * jars: it holds no credential, opens no connection, reads no file but its class path. The node uses nothing of it but
 * the frames.
 */
@NullMarked
package io.asyncjobs.script.worker;

import org.jspecify.annotations.NullMarked;
