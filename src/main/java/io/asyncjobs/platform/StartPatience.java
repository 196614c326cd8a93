package io.asyncjobs.platform;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Steps of a start that need the database. One that is away, locked or cut off for a moment must not end the start. */
public final class StartPatience {

    private static final Logger LOG = Logger.getLogger(StartPatience.class);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long EVERY_MILLIS = 250;

    private StartPatience() {}

    /**
     * Takes a step, and again while the database is the reason that it fails, for 30 seconds at most.
     *
     * @param what names the step in the log, such as "Joining the cluster"
     * @throws RuntimeException what the last attempt threw
     */
    public static void persist(String what, Runnable step) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        boolean told = false;
        while (true) {
            try {
                step.run();
                return;
            } catch (RuntimeException e) {
                if (!DatabaseFaults.isOfTheDatabase(e)
                        || DatabaseFaults.isOfTheData(e)
                        || System.nanoTime() - until >= 0) {
                    throw e;
                }
                if (!told) {
                    LOG.warnf(
                            "%s failed because of the database; trying again for %d s: %s",
                            what, PATIENCE.toSeconds(), e.getMessage());
                    told = true;
                }
                pause(e);
            }
        }
    }

    private static void pause(RuntimeException failure) {
        try {
            TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }
}
