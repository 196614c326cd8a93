package io.asyncjobs.run.host;

import io.asyncjobs.job.JobSnapshot;
import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.script.LimitsConfig;
import io.asyncjobs.script.ScriptConfig;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.inject.Singleton;

/** The node's memory for the host calls of all runs. */
@Singleton
public class HostMemory {

    /** Of the heap, so that the rest of the service has more than a half whatever scripts do. */
    private static final double PART_OF_HEAP = 0.4;

    /** What waits for its record, which is another's to give back than what is under way: one cannot hold up the other. */
    private static final double PART_FOR_NOTES = 1.0 / 3;

    private static final int MOST_RUNS_AT_FULL_SPEED = 4;

    /** Calls with so little in hand never wait; how many calls a run makes at once is bounded. */
    private static final long FREE_BYTES_OF_A_CALL = 128 * 1024;

    private final long notedBytesOfARun;
    private final long callBytesOfARun;
    private final ByteBudget notes;
    private final ByteBudget calls;

    HostMemory(ScriptConfig config, LimitsConfig limits) {
        long all = config.hostMemory().map(MemorySize::asLongValue).orElseGet(() ->
                (long) (PART_OF_HEAP * Runtime.getRuntime().maxMemory()));
        if (all < 1024 * 1024) {
            throw new IllegalArgumentException("asyncjobs.script.host-memory must be 1M or more");
        }
        long forNotes = (long) (PART_FOR_NOTES * all);
        notes = new ByteBudget(forNotes, 0);
        calls = new ByteBudget(all - forNotes, FREE_BYTES_OF_A_CALL);
        notedBytesOfARun = limits.notedBytes().asLongValue();
        callBytesOfARun = (all - forNotes) / MOST_RUNS_AT_FULL_SPEED;
    }

    /** That of one run; whoever asks for it closes it when the run is on record. */
    RunMemory of(JobSnapshot job) {
        return new RunMemory(
                notedBytesOfARun, job.timeout(), notes.share(notedBytesOfARun).hold(), calls.share(callBytesOfARun));
    }

    /** Whether what ended runs left takes all the room there is: no more runs should begin. */
    public boolean isUsedUp() {
        return notes.isUsedUp();
    }
}
