package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.job.parameters.ParametersChecker;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Revisions that somebody wants to run, and parameters for one run of them. */
@ApplicationScoped
public class RunnableRevisions {

    /**
     * What is to run.
     *
     * @param parameters as JSON; null where they are those of the revision
     */
    public record Runnable(int revision, @Nullable String parameters) {}

    private final Jobs jobs;
    private final JobRevisionRepository revisions;
    private final StoredContents contents;
    private final ParametersChecker checker;

    RunnableRevisions(Jobs jobs, JobRevisionRepository revisions, StoredContents contents, ParametersChecker checker) {
        this.jobs = jobs;
        this.revisions = revisions;
        this.contents = contents;
        this.checker = checker;
    }

    /**
     * That revision of the job, with parameters that its schema allows.
     *
     * @param revision null for the latest
     * @param parameters null for those of the revision
     * @throws InvalidException when there is no such revision, or its schema does not allow the parameters
     * @throws UnreadableJobException where the schema is stored damaged
     */
    @Transactional
    public Runnable check(UUID id, @Nullable Integer revision, @Nullable ObjectNode parameters) {
        Job job = jobs.get(id.toString());
        int number = revision == null ? job.revision : revision;
        JobRevision saved = revisions
                .findWhole(id, number)
                .orElseThrow(() -> new InvalidException(
                        "revision", "must be one of the job's revisions, which are 1 to " + job.revision));
        if (parameters == null || StoredJson.same(parameters.toString(), saved.parameters)) {
            return new Runnable(number, null);
        }
        List<Violation> violations = new ArrayList<>();
        DraftChecker.checkSize(parameters, violations);
        checker.check(parameters, schema(saved), violations);
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        return new Runnable(number, parameters.toString());
    }

    private @Nullable ObjectNode schema(JobRevision saved) {
        if (saved.parametersSchema == null) {
            return null;
        }
        List<Violation> damage = new ArrayList<>();
        ObjectNode schema = contents.object("parametersSchema", saved.parametersSchema, damage);
        if (!damage.isEmpty()) {
            throw new UnreadableJobException(saved.name, saved.key.revision(), damage);
        }
        return schema;
    }
}
