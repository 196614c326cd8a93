package io.asyncjobs.connection;

import jakarta.inject.Singleton;

/**
 * Carries out the HTTP calls of scripts. Thread-safe.
 *
 * <p>A call blocks its thread, which should be a virtual one, at most until its deadline. Interrupting the thread ends the
 * exchange at once.
 */
@Singleton
public class HttpCalls {

    /**
     * The answer to the call, whatever its status.
     *
     * @param deadlineNanoTime the value of {@link System#nanoTime} at which the caller's time is up
     * @throws ConnectionCallException when the call may not be made or no whole answer came
     */
    public HttpAnswer call(HttpCall call, long deadlineNanoTime) throws InterruptedException {
        throw new ConnectionCallException("http: not there yet");
    }
}
