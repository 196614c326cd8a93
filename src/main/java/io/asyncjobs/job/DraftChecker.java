package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.job.parameters.ParametersChecker;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.script.LimitsConfig;
import io.asyncjobs.script.ScriptChecker;
import io.asyncjobs.script.ScriptSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be said of a draft without the database: above all whether a worker can parse its script. */
@ApplicationScoped
class DraftChecker {

    private static final Pattern UUID_FORM =
            Pattern.compile("\\p{XDigit}{8}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}");

    private final ScriptChecker checker;
    private final ParametersChecker parameters;
    private final JobCeilings ceilings;

    @Inject
    DraftChecker(ScriptChecker checker, ParametersChecker parameters, LimitsConfig limits) {
        this(checker, parameters, JobCeilings.of(limits));
    }

    private DraftChecker(ScriptChecker checker, ParametersChecker parameters, JobCeilings ceilings) {
        this.checker = checker;
        this.parameters = parameters;
        this.ceilings = ceilings;
    }

    /** For commands: does not parse scripts, and applies no ceilings, which belong to the configuration of a service. */
    static DraftChecker withoutService() {
        return new DraftChecker(ScriptChecker.withoutParser(), new ParametersChecker(), JobCeilings.NONE);
    }

    /** Makes the checks of drafts with these scripts quick. */
    void prepare(Collection<String> scripts) {
        checker.prepare(scripts);
    }

    /** The checked draft, or an {@link InvalidException} with all that is wrong. */
    CheckedDraft check(JobDraft draft, CheckedDraft.User user) {
        List<Violation> violations = new ArrayList<>();
        Name name = Name.of(draft.name());
        if (UUID_FORM.matcher(name.text()).matches()) {
            violations.add(new Violation("name", "must not read as a UUID, which would be taken for an id"));
        }
        JobLimits limits = JobLimits.of(draft.limits());
        bound("timeoutSeconds", draft.timeoutSeconds(), ceilings.timeoutSeconds(), violations);
        bound("limits.logBytes", limits.logBytes(), ceilings.logBytes(), violations);
        bound("limits.resultBytes", limits.resultBytes(), ceilings.resultBytes(), violations);
        bound("limits.stateChars", limits.stateChars(), ceilings.stateChars(), violations);
        bound("limits.hostCalls", limits.hostCalls(), ceilings.hostCalls(), violations);
        checkSize(draft.parameters(), violations);
        parameters.check(draft.parameters(), draft.parametersSchema(), violations);
        ScriptSource script =
                checker.checked("script", draft.script(), violations).orElse(null);
        if (!violations.isEmpty() || script == null) {
            throw new InvalidException(violations);
        }
        return new CheckedDraft(draft, name, script, user);
    }

    /** Parameters travel to the worker together with the script. */
    static void checkSize(ObjectNode parameters, List<Violation> violations) {
        if (parameters.toString().length() > JobDraft.MAX_PARAMETERS_CHARS) {
            violations.add(new Violation(
                    "parameters",
                    "must be at most " + JobDraft.MAX_PARAMETERS_CHARS + " characters long, written as JSON"));
        }
    }

    private static void bound(String field, @Nullable Integer wanted, int ceiling, List<Violation> violations) {
        if (wanted != null && wanted > ceiling) {
            violations.add(new Violation(field, "must be at most " + ceiling + ", the ceiling of this service"));
        }
    }
}
