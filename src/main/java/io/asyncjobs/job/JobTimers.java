package io.asyncjobs.job;

import java.util.UUID;

/** The timers of jobs; a port carried out by the package above. */
public interface JobTimers {

    /**
     * Makes the job's timer match it now, so that whoever changed it is told the tick that follows. To be called when the
     * change is committed. Throws nothing: what cannot be done now is done by the reconciler.
     */
    void match(UUID job);
}
