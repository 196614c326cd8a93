package io.asyncjobs.script;

import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Has a worker parse sources; waits for its answer. */
@Singleton
public class ScriptChecker {

    /** Digests of scripts that were found sound lately: a plan and its apply check the same scripts. */
    private static final int MOST_KNOWN = 20_000;

    /** The engine of a batch keeps the code of all its scripts until it ends. */
    private static final int BATCH_SCRIPTS = 200;

    private static final int BATCH_BYTES = 256 * 1024;

    /** The worker that parses them has scripts to run too. */
    private static final int MOST_BATCHES = 2;

    private static final Logger LOG = Logger.getLogger(ScriptChecker.class);

    private final Map<String, Boolean> sound = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_KNOWN;
        }
    });

    /** Parses sources, some at once. Completes with the problems of each, in the same order. */
    private interface Parser {
        CompletionStage<List<List<ScriptProblem>>> check(List<String> sources);
    }

    private final Parser parser;

    @Inject
    public ScriptChecker(ScriptPool pool) {
        this(pool::check);
    }

    private ScriptChecker(Parser parser) {
        this.parser = parser;
    }

    /** For commands, which have no workers: checks all of a source but whether it parses. */
    public static ScriptChecker withoutParser() {
        return new ScriptChecker(
                sources -> CompletableFuture.completedFuture(Collections.nCopies(sources.size(), List.of())));
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
            return check(List.of(source)).join().getFirst();
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
     * Checks scripts in few calls, so that {@link #checked} knows the sound ones: a call for each would take far longer. Says
     * nothing about the others, which are checked when they are asked for.
     */
    public void prepare(Collection<String> texts) {
        Deque<CompletableFuture<Void>> underWay = new ArrayDeque<>();
        List<ScriptSource> batch = new ArrayList<>();
        int bytes = 0;
        for (String text : texts) {
            ScriptSource source = forBatch(text);
            if (source == null) {
                continue;
            }
            if (batch.size() == BATCH_SCRIPTS || bytes + source.size() > BATCH_BYTES) {
                if (underWay.size() == MOST_BATCHES) {
                    underWay.remove().join();
                }
                underWay.add(noteSound(List.copyOf(batch)));
                batch.clear();
                bytes = 0;
            }
            batch.add(source);
            bytes += source.size();
        }
        if (!batch.isEmpty()) {
            underWay.add(noteSound(batch));
        }
        underWay.forEach(CompletableFuture::join);
    }

    /** Null where it is known, or belongs in no batch. */
    private @Nullable ScriptSource forBatch(String text) {
        if (text.isBlank() || text.length() > BATCH_BYTES) {
            return null;
        }
        try {
            ScriptSource source = ScriptSource.of(text);
            return source.size() > BATCH_BYTES || sound.get(source.sha256()) != null ? null : source;
        } catch (MalformedScriptException e) {
            return null;
        }
    }

    /** Completes when they are checked, or cannot be. */
    private CompletableFuture<Void> noteSound(List<ScriptSource> batch) {
        try {
            return check(batch)
                    .thenAccept(problems -> {
                        for (int i = 0; i < batch.size(); i++) {
                            if (problems.get(i).isEmpty()) {
                                sound.put(batch.get(i).sha256(), true);
                            }
                        }
                    })
                    .exceptionally(e -> {
                        LOG.debugf(e, "%d scripts could not be checked together", batch.size());
                        return null;
                    });
        } catch (RejectedRunException e) {
            LOG.debugf(e, "%d scripts could not be checked together", batch.size());
            return CompletableFuture.completedFuture(null);
        }
    }

    private CompletableFuture<List<List<ScriptProblem>>> check(List<ScriptSource> sources) {
        return parser.check(sources.stream().map(ScriptSource::text).toList()).toCompletableFuture();
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
