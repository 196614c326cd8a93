package io.asyncjobs.script.worker;

/**
 * What a script is run with.
 *
 * @param parametersJson an object
 * @param contextJson the globals {@code job}, {@code run} and {@code user}
 * @param logBytes most bytes of the log
 * @param resultBytes most bytes of the result as JSON
 * @param hostCalls most calls of host functions
 * @param waitingBytes most bytes of arguments of calls under way
 * @param callBytes most bytes of arguments of all calls together
 */
public record RunInput(
        String parametersJson,
        String contextJson,
        long logBytes,
        long resultBytes,
        int hostCalls,
        long waitingBytes,
        long callBytes) {}
