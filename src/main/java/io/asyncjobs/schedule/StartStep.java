package io.asyncjobs.schedule;

import java.util.List;
import java.util.OptionalLong;

/** What the starting thread does next. */
sealed interface StartStep {

    /** Start these runs. */
    record Start(List<Claim> claims) implements StartStep {}

    /** Wait until that {@link System#nanoTime} if there is one, unless woken. */
    record Wait(OptionalLong until) implements StartStep {}
}
