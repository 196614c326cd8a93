package io.asyncjobs.run.history;

import jakarta.inject.Singleton;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The runs of a job that stand around one of them, by their times. */
@Singleton
public class RunNeighbours {

    /**
     * The ids of those runs; null where there is none, or none within the runs that are looked at.
     *
     * @param lastSuccess the last run before that succeeded
     */
    public record Around(
            @Nullable UUID previous,
            @Nullable UUID next,
            @Nullable UUID previousFailed,
            @Nullable UUID nextFailed,
            @Nullable UUID lastSuccess) {}

    /** How many runs on either side are looked at: a job that runs each second has 86,400 a day. */
    private static final int LOOKED_AT = 5_000;

    private static final String BEFORE = """
            select id, outcome from run_history
            where job_id = :job and id < :run
            order by id desc
            limit :most
            """;

    /** A run that is claimed ahead of its tick is none yet. */
    private static final String AFTER = """
            select id, outcome from run_history
            where job_id = :job and id > :run and (outcome is not null or scheduled_for <= clock_timestamp())
            order by id
            limit :most
            """;

    private static final String FAILED = "where outcome in ('failed', 'timed_out', 'limit_exceeded', 'lost') limit 1";

    private static final String AROUND = """
            select
                (select id from (%1$s) b limit 1) as previous,
                (select id from (%2$s) a limit 1) as next,
                (select id from (%1$s) b %3$s) as previous_failed,
                (select id from (%2$s) a %3$s) as next_failed,
                (select id from (%1$s) b where outcome = 'succeeded' limit 1) as last_success
            """.formatted(BEFORE, AFTER, FAILED);

    private final Jdbi jdbi;

    RunNeighbours(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** The runs around that one. */
    public Around of(RunView run) {
        return jdbi.withHandle(handle -> handle.createQuery(AROUND)
                .bind("job", run.jobId())
                .bind("run", run.id())
                .bind("most", LOOKED_AT)
                .map((row, context) -> new Around(
                        row.getObject("previous", UUID.class),
                        row.getObject("next", UUID.class),
                        row.getObject("previous_failed", UUID.class),
                        row.getObject("next_failed", UUID.class),
                        row.getObject("last_success", UUID.class)))
                .one());
    }
}
