package io.asyncjobs.script;

import java.util.Set;

/** What the exit status of a worker's process says. */
final class WorkerExit {

    /** Of a worker that ran out of memory outside of a run. */
    private static final int OUT_OF_MEMORY = 3;

    private static final int FIRST_SIGNAL = 128;
    /** SIGABRT, SIGBUS, SIGFPE and SIGSEGV. */
    private static final Set<Integer> CRASHES = Set.of(134, 135, 136, 139);

    private WorkerExit() {}

    static boolean isOutOfMemory(int status) {
        return status == OUT_OF_MEMORY;
    }

    /** Whether a signal ended it, its own crash or somebody's. */
    static boolean isOfSignal(int status) {
        return status >= FIRST_SIGNAL;
    }

    /** Whether the JVM crashed. */
    static boolean isCrash(int status) {
        return CRASHES.contains(status);
    }

    /** How it ended, for people. */
    static String cause(int status) {
        if (isOutOfMemory(status)) {
            return "out of memory (exit code 3)";
        }
        return status > FIRST_SIGNAL ? "killed by signal " + (status - FIRST_SIGNAL) : "exit code " + status;
    }
}
