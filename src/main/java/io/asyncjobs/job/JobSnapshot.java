package io.asyncjobs.job;

import io.asyncjobs.account.Account;
import io.asyncjobs.script.ScriptSource;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A revision of a job as a run needs it; never changes.
 *
 * @param strict whether the script runs in strict mode
 * @param parameters JSON object as text
 */
public record JobSnapshot(
        UUID jobId,
        String name,
        int revision,
        ScriptSource script,
        boolean strict,
        String parameters,
        Duration timeout,
        JobLimits limits,
        @Nullable User user) {

    /** The username of the account that what the job does is attributed to. */
    public String actor() {
        return user == null ? Account.SYSTEM : user.username();
    }

    /** The same with that copy of its source. */
    JobSnapshot withScript(ScriptSource same) {
        return new JobSnapshot(jobId, name, revision, same, strict, parameters, timeout, limits, user);
    }

    /** The same with these parameters, which are JSON. */
    public JobSnapshot withParameters(String others) {
        return new JobSnapshot(jobId, name, revision, script, strict, others, timeout, limits, user);
    }

    /** The account the job acts as. */
    public record User(String username, String displayName) {}
}
