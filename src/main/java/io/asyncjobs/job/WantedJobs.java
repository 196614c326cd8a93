package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Checks jobs as provisioning wants them, each by itself: it needs no database. */
@ApplicationScoped
public class WantedJobs {

    private final DraftChecker checker;
    private final StrictJson json;
    private final OwnFaults faults;

    WantedJobs(DraftChecker checker, StrictJson json, OwnFaults faults) {
        this.checker = checker;
        this.json = json;
        this.faults = faults;
    }

    /** For commands: scripts are not parsed, and no ceilings of a service apply. All else is checked as a service does. */
    public static WantedJobs withoutService(StrictJson json) {
        DraftChecker checker = DraftChecker.withoutService();
        return new WantedJobs(checker, json, new OwnFaults(json, checker));
    }

    /** To be called before {@link #check} is called for drafts with these scripts: it is far quicker then. */
    public void prepare(Collection<String> scripts) {
        checker.prepare(scripts);
    }

    /**
     * A {@link JobDraft} as a job; empty where it cannot be one.
     *
     * @param known fields of which faults are known already; of them nothing is said
     * @param violations takes all that is wrong with the draft by itself, but for what is known
     */
    public Optional<JobConfigurations.Wanted> check(
            ObjectNode draft, boolean archived, Set<String> known, List<Violation> violations) {
        if (known.isEmpty()) {
            try {
                CheckedDraft checked = checker.check(json.bind(draft, JobDraft.class), CheckedDraft.User.ANY);
                return Optional.of(new JobConfigurations.Wanted(checked, ConfiguredJob.wanted(checked, archived)));
            } catch (InvalidException e) {
                // Only the first kind of fault
            }
        }
        violations.addAll(faults.of(draft, known));
        return Optional.empty();
    }
}
