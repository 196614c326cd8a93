package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.job.JobView;
import io.asyncjobs.script.LimitsConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The form of a job with all that stands around it.
 *
 * @param job what is saved now, or null for a new one
 * @param difference of what was typed to what is saved: to be reviewed, or because somebody else saved meanwhile
 * @param trial what came of trying what was typed
 * @param users accounts that a job can act as
 * @param limits what runs may use
 * @param examples what a new job can begin with
 * @param line of the script, to begin at
 */
public record JobFormView(
        @Nullable JobView job,
        FormFields form,
        @Nullable JobDifference difference,
        @Nullable TrialDetails trial,
        List<String> users,
        LimitsConfig limits,
        List<Examples.Example> examples,
        @Nullable Integer line) {

    private static final List<String> LIMITS =
            List.of("limits.logBytes", "limits.resultBytes", "limits.stateChars", "limits.hostCalls");

    public JobFormView {
        users = List.copyOf(users);
        examples = List.copyOf(examples);
    }

    JobFormView with(FormFields shown) {
        return new JobFormView(job, shown, difference, trial, users, limits, examples, line);
    }

    JobFormView at(@Nullable Integer begin) {
        return new JobFormView(job, form, difference, trial, users, limits, examples, begin);
    }

    JobFormView compared(JobDifference found) {
        return new JobFormView(job, form, found, trial, users, limits, examples, line);
    }

    JobFormView tried(TrialDetails outcome) {
        return new JobFormView(job, form, difference, outcome, users, limits, examples, line);
    }

    /** Whether it holds what is not saved yet. */
    public boolean unsaved() {
        return form.isUnsaved() || trial != null;
    }

    /** Where the form is sent to. */
    public String action() {
        return job == null ? Shell.Section.JOBS.path() + "/new" : back() + "/edit";
    }

    /** Where to go without saving. */
    public String back() {
        return job == null ? Shell.Section.JOBS.path() : Shell.Section.JOBS.path() + "/" + job.id();
    }

    /** Whether a limit is set or wrong, so that it should be seen. */
    public boolean limited() {
        return LIMITS.stream().anyMatch(this::isFilled);
    }

    private boolean isFilled(String path) {
        return !form.value(path).isBlank() || !form.faults(path).isEmpty();
    }

    /** Whether there is a schema, or something wrong with it. */
    public boolean schematic() {
        return isFilled("parametersSchema");
    }

    /** What the timeout may be. */
    public String timeoutHint() {
        return "After which a run is ended, 1 to " + limits.maxTimeoutSeconds();
    }

    /** What a limit is unless said, and at most. */
    public String limitHint(int usual, int most) {
        return usual + " unless said; at most " + most;
    }
}
