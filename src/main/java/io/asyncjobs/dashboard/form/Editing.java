package io.asyncjobs.dashboard.form;

import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What somebody typed over a state, while others may save too. A field that only one of them changed is merged; for one that
 * both changed it is asked whose value is to be kept.
 */
public final class Editing {

    /** Stands before the name of a field, for what the form was made from. */
    static final String BEFORE = "before.";

    /** Likewise, for what a field that two people changed was before both. */
    static final String OLDER = "older.";

    /** Names the state before both, where the form does not send its fields along. */
    public static final String OLDER_VERSION = "older";

    /** Likewise, for whose value is to be kept. */
    static final String CHOICE = "choice.";

    /** Names the fields of which a value is to be chosen. */
    static final String CONFLICTS = "conflicts";

    /** Others would have to save as often in between. */
    private static final int MOST_MERGES = 5;

    /** Whether two values of a field mean the same. */
    public interface Sameness {
        boolean of(String path, String a, String b);
    }

    private final List<String> paths;
    private final Sameness sameness;
    private final Map<String, Conflict> conflicts = new LinkedHashMap<>();
    private final Set<String> taken = new LinkedHashSet<>();
    private TypedForm typed;
    private Map<String, String> before;
    private String version;

    /**
     * With what was chosen already.
     *
     * @param paths the fields that others may change too
     * @param before what the form was made from; empty where that is not known
     * @param older what fields were before two people changed them; empty where that is not known
     */
    public Editing(
            List<String> paths,
            Sameness sameness,
            TypedForm typed,
            Map<String, String> before,
            Map<String, String> older) {
        this.paths = paths;
        this.sameness = sameness;
        this.typed = typed;
        this.before = before;
        this.version = typed.version();
        Set<String> asked = Set.of(typed.value(CONFLICTS).split(",", -1));
        for (String path : paths) {
            if (asked.contains(path)) {
                settle(path, typed.value(CHOICE + path), before.getOrDefault(path, ""), known(older, path));
            }
        }
    }

    /** What a field was in that state, in which a missing field was empty; null where the whole state is not known. */
    private static @Nullable String known(Map<String, String> state, String path) {
        return state.isEmpty() ? null : state.getOrDefault(path, "");
    }

    private void settle(String path, String choice, String theirs, @Nullable String old) {
        if (choice.equals("theirs")) {
            typed.with(path, theirs);
        } else if (choice.equals("before") && old != null) {
            typed.with(path, old);
        } else if (!choice.equals("yours")) {
            conflicts.put(path, new Conflict(path, old, theirs, typed.value(path)));
        }
    }

    /**
     * Saves what was typed; where somebody else was faster, what both make of it.
     *
     * @param now gives what is stored
     * @param attempt saves a form, or throws {@link StaleException}
     * @throws InvalidException while a value is to be chosen
     * @throws StaleException when both changed the same field; then {@link #conflicts} tells which
     */
    public <R> R save(Supplier<FormFields> now, Function<TypedForm, R> attempt) {
        requireChoices();
        for (int merges = 0; ; merges++) {
            try {
                return attempt.apply(typed);
            } catch (StaleException e) {
                if (merges == MOST_MERGES) {
                    throw e;
                }
                merge(now.get(), e);
            }
        }
    }

    /** As if it were to be saved over that state, which may be the one that the form was made from. */
    public void mergeInto(FormFields now) {
        requireChoices();
        if (!version.equals(now.etag())) {
            merge(now, new StaleException("It was changed meanwhile."));
        }
    }

    private void requireChoices() {
        List<Violation> open = new ArrayList<>();
        conflicts.keySet().forEach(path -> open.add(new Violation(path, "must be chosen: theirs, yours or before")));
        if (!open.isEmpty()) {
            throw new InvalidException(open);
        }
    }

    private void merge(FormFields now, StaleException failure) {
        TypedForm merged = typed.again();
        for (String path : paths) {
            String theirs = now.storedValue(path);
            String yours = typed.value(path);
            String old = known(before, path);
            if (sameness.of(path, yours, theirs)) {
                // Of two ways to write the same, the stored one stays
                merged.with(path, theirs);
            } else if (old != null && sameness.of(path, yours, old)) {
                merged.with(path, theirs);
                taken.add(path);
            } else if (old == null || !sameness.of(path, theirs, old)) {
                conflicts.put(path, new Conflict(path, old, theirs, yours));
            }
        }
        if (!conflicts.isEmpty()) {
            merged.with(OLDER_VERSION, version);
        }
        typed = merged.with(TypedForm.ETAG, now.etag());
        version = now.etag();
        before = now.stored();
        // A secret may have been typed for another place than the one that is stored by now
        boolean secret = now.shape().leaves().entrySet().stream()
                .anyMatch(field -> field.getValue().secret()
                        && !typed.value(field.getKey()).isEmpty());
        if (!conflicts.isEmpty() || (secret && !taken.isEmpty())) {
            throw failure;
        }
    }

    /** What was typed, or what has become of it by now. */
    public TypedForm typed() {
        return typed;
    }

    /** The state that it goes over. */
    String version() {
        return version;
    }

    /** What that state holds; empty where it is not known. */
    Map<String, String> before() {
        return before;
    }

    /** The fields of which a value is to be chosen. */
    Map<String, Conflict> conflicts() {
        return conflicts;
    }

    /** The fields in which somebody else's change was taken over. */
    Set<String> taken() {
        return taken;
    }

    /** Whether somebody else's changes went into what was saved. */
    public boolean isMerged() {
        return !taken.isEmpty();
    }
}
