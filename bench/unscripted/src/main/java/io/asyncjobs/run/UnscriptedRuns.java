package io.asyncjobs.run;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.schedule.Claim;
import io.asyncjobs.schedule.Completion;
import io.asyncjobs.schedule.RunEvent;
import io.asyncjobs.schedule.RunEvents;
import io.asyncjobs.schedule.RunLauncher;
import io.asyncjobs.schedule.RunOutcome;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends each run at once, without its script: what remains is the cost of timers, claims and history. It replaces
 * {@link ScriptRunner} in the build that {@code --no-script} measures, and is in no other build.
 */
@Singleton
@Alternative
@Priority(1)
class UnscriptedRuns implements RunLauncher {

    private static final int SLOTS = 2_000;

    private final RunRecorder recorder;
    private final DatabaseClock clock;
    private final RunEvents events;

    UnscriptedRuns(RunRecorder recorder, DatabaseClock clock, RunEvents events) {
        this.recorder = recorder;
        this.clock = clock;
        this.events = events;
    }

    @Override
    public int freeSlots() {
        return recorder.isBehind() ? 0 : SLOTS;
    }

    @Override
    public void prepare(List<Claim> claims) {
        // Nothing is needed
    }

    @Override
    public void launch(Claim claim, @Nullable String parameters) {
        Instant now = clock.now();
        RunInFlight run = new RunInFlight(claim, parameters);
        recorder.begin(run);
        recorder.end(run, new Completion(claim, now, now, RunOutcome.SUCCEEDED, "1", null, null, false));
        events.tell(new RunEvent.SlotFreed(claim));
    }

    @Override
    public void loseAll(String reason) {
        // Nothing goes on
    }

    @Override
    public void drain(Duration grace) {
        recorder.becameIdle(grace);
    }
}
