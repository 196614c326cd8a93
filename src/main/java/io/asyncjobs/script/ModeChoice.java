package io.asyncjobs.script;

import java.time.Duration;
import java.util.Locale;

/**
 * Chooses whether workers compile scripts, by the load that they have. An interpreting worker starts in half the time and
 * is soon at its speed, which serves hundreds of short runs a second. Compiled scripts are several times faster, after a
 * minute in which compilation uses more than a core. See docs/decisions/0092. Guarded by the pool's lock.
 */
final class ModeChoice {

    /** How often the load is measured. */
    static final Duration PERIOD = Duration.ofSeconds(5);

    /** Compiled scripts need a fraction of the time; well below the threshold, so that the mode does not alternate. */
    private static final double CALM = 1.0 / 6;

    /** Measurements in a row that have to be calm: fifteen minutes. */
    private static final int CALM_PERIODS = 180;

    private final double threshold;
    private boolean canCompile;
    private WorkerView.Mode mode;
    private double last;
    private int calmPeriods;

    /** @param threshold cores that an interpreting worker uses on average before scripts are compiled; 0 for always */
    ModeChoice(boolean canCompile, double threshold) {
        this.canCompile = canCompile;
        this.threshold = threshold;
        this.mode = canCompile && threshold == 0 ? WorkerView.Mode.COMPILED : WorkerView.Mode.INTERPRETED;
    }

    /** How workers that start now run scripts. */
    WorkerView.Mode mode() {
        return mode;
    }

    /** How scripts run, for the log. */
    String inWords() {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    /** Whether the load can change the mode. */
    boolean isOpen() {
        return canCompile && threshold > 0;
    }

    /** Scripts are interpreted from now on. */
    void giveUpCompiling() {
        canCompile = false;
        mode = WorkerView.Mode.INTERPRETED;
    }

    /**
     * Takes the load of the last period; returns whether the mode has changed.
     *
     * @param cores that each worker of this mode used on average
     */
    boolean measured(double cores) {
        if (!isOpen()) {
            return false;
        }
        WorkerView.Mode before = mode;
        if (mode == WorkerView.Mode.INTERPRETED) {
            // Of two periods, so that a short burst is not taken for a load
            if ((last + cores) / 2 >= threshold) {
                mode = WorkerView.Mode.COMPILED;
            }
        } else {
            calmPeriods = cores <= threshold * CALM ? calmPeriods + 1 : 0;
            if (calmPeriods >= CALM_PERIODS) {
                mode = WorkerView.Mode.INTERPRETED;
            }
        }
        last = cores;
        if (mode == before) {
            return false;
        }
        last = 0;
        calmPeriods = 0;
        return true;
    }
}
