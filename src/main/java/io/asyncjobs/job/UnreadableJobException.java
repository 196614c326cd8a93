package io.asyncjobs.job;

import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.Violation;
import java.util.List;
import java.util.stream.Collectors;

/** Something stored of a job is damaged, and what was asked for needs it. */
public final class UnreadableJobException extends RefusedException {

    private static final long serialVersionUID = 1;

    UnreadableJobException(String job, int revision, List<Violation> damage) {
        super(
                "job-unreadable",
                "Revision %d of the job '%s' cannot be read: %s. Save the job again with what is damaged."
                        .formatted(
                                revision,
                                job,
                                damage.stream()
                                        .map(fault -> fault.field() + " " + fault.message())
                                        .collect(Collectors.joining("; "))));
    }
}
