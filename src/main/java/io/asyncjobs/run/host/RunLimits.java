package io.asyncjobs.run.host;

import io.asyncjobs.job.JobLimits;
import io.asyncjobs.job.JobSnapshot;
import io.asyncjobs.script.LimitsConfig;
import io.asyncjobs.script.ScriptLimits;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the runs of a job may use: what the job says, else the default, and never more than the ceiling. */
@Singleton
public class RunLimits {

    private final LimitsConfig config;

    RunLimits(LimitsConfig config) {
        this.config = config;
    }

    public ScriptLimits of(JobSnapshot job) {
        Duration ceiling = Duration.ofSeconds(config.maxTimeoutSeconds());
        return new ScriptLimits(
                job.timeout().compareTo(ceiling) > 0 ? ceiling : job.timeout(),
                limit(job.limits().logBytes(), config.logBytes(), config.maxLogBytes()),
                limit(job.limits().resultBytes(), config.resultBytes(), config.maxResultBytes()),
                limit(job.limits().hostCalls(), config.hostCalls(), config.maxHostCalls()),
                config.waitingBytes().asLongValue(),
                config.callBytes().asLongValue());
    }

    /** Characters of the job's state. */
    public int stateChars(JobSnapshot job) {
        return stateChars(job.limits());
    }

    /** As {@link #stateChars(JobSnapshot)}. */
    public int stateChars(JobLimits job) {
        return limit(job.stateChars(), config.stateChars(), config.maxStateChars());
    }

    private static int limit(@Nullable Integer wanted, int usual, int ceiling) {
        return Math.min(wanted == null ? usual : wanted, ceiling);
    }
}
