package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.problem.Violation;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds all that is wrong with a draft. Saving stops at the first kind of fault: what cannot be read, then what cannot be, then
 * what the database does not allow. A person who fills a form wants to know all of it at once.
 */
@ApplicationScoped
class DraftFaults {

    private static final String USER = "associatedUser";

    private final OwnFaults ofItself;
    private final Jobs jobs;
    private final Accounts accounts;

    DraftFaults(OwnFaults ofItself, Jobs jobs, Accounts accounts) {
        this.ofItself = ofItself;
        this.jobs = jobs;
        this.accounts = accounts;
    }

    /**
     * What is wrong.
     *
     * @param job which it is of; null for a new one
     * @param known fields of which faults are known already; of them nothing is said
     */
    List<Violation> of(ObjectNode draft, @Nullable UUID job, Set<String> known) {
        Set<String> faulty = new HashSet<>();
        List<Violation> violations = new ArrayList<>();
        JobDraft bound = ofItself.find(draft, known, faulty, violations);
        List<Violation> stored = new ArrayList<>();
        Name name = Name.of(bound.name());
        if (jobs.isTaken(name, job)) {
            stored.add(new Violation(
                    OwnFaults.NAME, "is taken. " + JobSaves.nameTaken(name).getMessage()));
        }
        String user = bound.associatedUser();
        if (user != null && accounts.requireActive(user).isEmpty()) {
            stored.addAll(JobSaves.noActiveAccount(USER, user).violations());
        }
        OwnFaults.add(stored, faulty, violations);
        return violations;
    }
}
