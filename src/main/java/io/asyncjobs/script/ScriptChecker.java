package io.asyncjobs.script;

import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Has a worker parse sources; waits for its answer. */
@Singleton
public class ScriptChecker {

    /** Digests of scripts that were found sound lately: a plan and its apply check the same scripts. */
    private static final int MOST_KNOWN = 20_000;

    private final Map<String, Boolean> sound = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_KNOWN;
        }
    });

    private final ScriptPool pool;

    public ScriptChecker(ScriptPool pool) {
        this.pool = pool;
    }

    /**
     * What keeps the source from being a data script; nothing where it is one.
     *
     * @throws UnavailableException when no worker could tell
     */
    public List<ScriptProblem> problems(ScriptSource source) {
        if (source.size() > ScriptSource.MAX_BYTES) {
            return List.of(new ScriptProblem(1, 1, "The script " + ScriptSource.tooLarge(source.size())));
        }
        try {
            return pool.check(source.text()).toCompletableFuture().join();
        } catch (RejectedRunException e) {
            throw unavailable(e);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RejectedRunException rejected) {
                throw unavailable(rejected);
            }
            throw e;
        }
    }

    /**
     * The text as a source that parses; empty, with the reasons among the violations of that field, where it does not.
     *
     * @throws UnavailableException when no worker could tell
     */
    public Optional<ScriptSource> checked(String field, String text, List<Violation> violations) {
        if (text.isBlank()) {
            // One that was sent alone has not come past the constraints of a draft
            violations.add(new Violation(field, "must not be blank"));
            return Optional.empty();
        }
        ScriptSource source;
        try {
            source = ScriptSource.of(text);
        } catch (MalformedScriptException e) {
            violations.add(new Violation(field, "must be Unicode text: " + e.getMessage()));
            return Optional.empty();
        }
        if (source.size() > ScriptSource.MAX_BYTES) {
            violations.add(new Violation(field, ScriptSource.tooLarge(source.size())));
            return Optional.empty();
        }
        if (sound.get(source.sha256()) != null) {
            return Optional.of(source);
        }
        List<ScriptProblem> problems = problems(source);
        if (problems.isEmpty()) {
            sound.put(source.sha256(), true);
        }
        for (ScriptProblem problem : problems) {
            violations.add(new Violation(
                    field,
                    "does not parse: line %d, column %d: %s"
                            .formatted(problem.line(), problem.column(), problem.message())));
        }
        return problems.isEmpty() ? Optional.of(source) : Optional.empty();
    }

    private static UnavailableException unavailable(RejectedRunException rejected) {
        return new UnavailableException(
                "The script could not be checked now: " + rejected.getMessage() + ". Try again in a moment.");
    }
}
