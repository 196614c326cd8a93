package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
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

    private static final String NAME = "name";
    private static final String SCRIPT = "script";
    private static final String USER = "associatedUser";

    private final StrictJson json;
    private final DraftChecker checker;
    private final Jobs jobs;
    private final Accounts accounts;

    DraftFaults(StrictJson json, DraftChecker checker, Jobs jobs, Accounts accounts) {
        this.json = json;
        this.checker = checker;
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
        JobDraft bound = boundAndChecked(draft, known, faulty, violations);
        List<Violation> stored = new ArrayList<>();
        Name name = Name.of(bound.name());
        if (jobs.isTaken(name, job)) {
            stored.add(
                    new Violation(NAME, "is taken. " + JobSaves.nameTaken(name).getMessage()));
        }
        String user = bound.associatedUser();
        if (user != null && accounts.requireActive(user).isEmpty()) {
            stored.addAll(JobSaves.noActiveAccount(USER, user).violations());
        }
        add(stored, faulty, violations);
        return violations;
    }

    /** What is wrong with the draft by itself, whatever the database holds. */
    List<Violation> ofItself(ObjectNode draft, Set<String> known) {
        List<Violation> violations = new ArrayList<>();
        boundAndChecked(draft, known, new HashSet<>(), violations);
        return violations;
    }

    private JobDraft boundAndChecked(
            ObjectNode draft, Set<String> known, Set<String> faulty, List<Violation> violations) {
        known.forEach(field -> faulty.add(top(field)));
        ObjectNode sound = draft.deepCopy();
        faulty.forEach(field -> replace(sound, field));
        JobDraft bound = bound(sound, faulty, violations);
        add(checked(bound), faulty, violations);
        return bound;
    }

    /** What can be read; in place of what cannot there is something that can. */
    private JobDraft bound(ObjectNode sound, Set<String> faulty, List<Violation> violations) {
        try {
            return json.bind(sound, JobDraft.class);
        } catch (InvalidException e) {
            add(e.violations(), faulty, violations);
            e.violations().forEach(violation -> {
                faulty.add(top(violation.field()));
                replace(sound, top(violation.field()));
            });
            return json.bind(sound, JobDraft.class);
        }
    }

    private List<Violation> checked(JobDraft draft) {
        try {
            checker.check(draft, CheckedDraft.User.ACTIVE);
            return List.of();
        } catch (InvalidException e) {
            return e.violations();
        }
    }

    private static void add(List<Violation> found, Set<String> faulty, List<Violation> violations) {
        found.stream()
                .filter(violation -> !faulty.contains(top(violation.field())))
                .forEach(violations::add);
    }

    private static void replace(ObjectNode draft, String field) {
        switch (field) {
            case NAME -> draft.put(NAME, "name");
            case SCRIPT -> draft.put(SCRIPT, "return");
            default -> draft.remove(field);
        }
    }

    /** The field of the draft in which the fault lies. */
    private static String top(String field) {
        int end = 0;
        while (end < field.length() && field.charAt(end) != '.' && field.charAt(end) != '[') {
            end++;
        }
        return field.substring(0, end);
    }
}
