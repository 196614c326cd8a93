package io.asyncjobs.job;

import io.asyncjobs.platform.Name;
import io.asyncjobs.script.ScriptSource;

/**
 * A draft whose script parses and whose name can be one; whether the name is free and the account known shows at save.
 *
 * @param namesUser whether the caller named the associated user; if not, the job keeps the one it has, active or not
 */
public record CheckedDraft(JobDraft draft, Name name, ScriptSource script, boolean namesUser) {}
