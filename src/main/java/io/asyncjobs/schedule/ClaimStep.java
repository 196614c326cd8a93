package io.asyncjobs.schedule;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** What the claiming thread does next. */
sealed interface ClaimStep {

    /** Give these claims back, then call {@link DispatchState#gaveBack} or {@link DispatchState#giveBackFailed}. */
    record GiveBack(List<Claim> claims) implements ClaimStep {}

    /**
     * Ask the database for these jobs, then call {@link DispatchState#claimed}.
     *
     * @param preferred jobs that this node asks for first
     * @param others jobs that another node asks for first, and that nearly always are claimed by now
     * @param horizon a tick that is older does not run any more
     */
    record Ask(List<UUID> preferred, List<UUID> others, Duration horizon) implements ClaimStep {

        /** All of them. */
        List<UUID> jobs() {
            return Stream.concat(preferred.stream(), others.stream()).toList();
        }
    }

    /** Wait for so long, unless woken. */
    record Wait(long nanos) implements ClaimStep {}
}
