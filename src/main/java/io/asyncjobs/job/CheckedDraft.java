package io.asyncjobs.job;

import io.asyncjobs.platform.Name;
import io.asyncjobs.script.ScriptSource;

/** A draft whose script parses and whose name can be one; whether the name is free and the account known shows at save. */
record CheckedDraft(JobDraft draft, Name name, ScriptSource script) {}
