package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds all that is wrong with a draft by itself, whatever the database holds. */
@ApplicationScoped
class OwnFaults {

    static final String NAME = "name";

    private static final String SCRIPT = "script";

    private final StrictJson json;
    private final DraftChecker checker;

    OwnFaults(StrictJson json, DraftChecker checker) {
        this.json = json;
        this.checker = checker;
    }

    /**
     * What is wrong.
     *
     * @param known fields of which faults are known already; of them nothing is said
     */
    List<Violation> of(ObjectNode draft, Set<String> known) {
        List<Violation> violations = new ArrayList<>();
        find(draft, known, new HashSet<>(), violations);
        return violations;
    }

    /**
     * Adds what is wrong, and returns what can be read of the draft.
     *
     * @param faulty takes the fields that are at fault
     */
    JobDraft find(ObjectNode draft, Set<String> known, Set<String> faulty, List<Violation> violations) {
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

    /** Adds what is wrong with other fields than those that are at fault already. */
    static void add(List<Violation> found, Set<String> faulty, List<Violation> violations) {
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
