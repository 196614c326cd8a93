package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.script.ScriptSource;
import io.asyncjobs.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All jobs of an environment at once, for provisioning: what they are, and how one of them becomes what is wanted. Each call
 * is a transaction of its own or joins the caller's.
 */
@ApplicationScoped
public class JobConfigurations {

    /**
     * A job that could be saved, if its account is there; whoever plans says whether the account may be inactive.
     *
     * @param job as it would be
     */
    public record Wanted(CheckedDraft draft, ConfiguredJob job) {}

    /** Of the parameters and schemas of all jobs: a small part of the smallest heap. */
    private static final long MOST_CHARS = 24L * 1024 * 1024;

    private final Jobs jobs;
    private final JobRepository repository;
    private final StoredContents contents;
    private final DraftChecker checker;
    private final StrictJson json;
    private final DraftFaults faults;
    private final Caller caller;

    JobConfigurations(
            Jobs jobs,
            JobRepository repository,
            StoredContents contents,
            DraftChecker checker,
            StrictJson json,
            DraftFaults faults,
            Caller caller) {
        this.jobs = jobs;
        this.repository = repository;
        this.contents = contents;
        this.checker = checker;
        this.json = json;
        this.faults = faults;
        this.caller = caller;
    }

    /**
     * All jobs by name, archived ones too.
     *
     * @throws RefusedException where they are more than memory should hold at once
     */
    @Transactional
    public List<ConfiguredJob> all() {
        return allSaved().stream().map(SavedJob::configuration).toList();
    }

    /**
     * As {@link #all}, with what the latest save of each left beside its configuration.
     *
     * @throws RefusedException where they are more than memory should hold at once
     */
    @Transactional
    public List<SavedJob> allSaved() {
        long chars = repository.charsOfJson();
        if (chars > MOST_CHARS) {
            throw new RefusedException(
                    "environment-too-large",
                    "The parameters of all jobs have %d characters together; provisioning reads at most %d."
                            .formatted(chars, MOST_CHARS));
        }
        List<SavedJob> all = new ArrayList<>();
        for (Job job : repository.allWhole()) {
            all.add(new SavedJob(configured(job), job.revision, job.paused(), job.updatedAt, job.updatedBy));
            // Otherwise each later save of the transaction looks for changes in all of them
            repository.getEntityManager().detach(job);
            repository.getEntityManager().detach(job.script);
        }
        return all;
    }

    /** The text of that script; empty where it is stored damaged. */
    @Transactional
    public Optional<ScriptSource> script(String sha256) {
        return Optional.ofNullable(contents.script(sha256, new ArrayList<>()));
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
    public Optional<Wanted> check(ObjectNode draft, boolean archived, Set<String> known, List<Violation> violations) {
        if (known.isEmpty()) {
            try {
                CheckedDraft checked = checker.check(json.bind(draft, JobDraft.class), CheckedDraft.User.ANY);
                return Optional.of(new Wanted(checked, ConfiguredJob.wanted(checked, archived)));
            } catch (InvalidException e) {
                // Only the first kind of fault
            }
        }
        violations.addAll(faults.ofItself(draft, known));
        return Optional.empty();
    }

    /** Creates it. */
    @Transactional
    public void create(Wanted wanted) {
        jobs.create(wanted.draft(), wanted.job().archived(), caller.name());
    }

    /** Makes the job of that id what is wanted, as one revision; {@code tag} is the one it was read with. */
    @Transactional
    public void change(ConfiguredJob present, Wanted wanted) {
        jobs.change(
                String.valueOf(present.id()), wanted.draft(), wanted.job().archived(), present.tag(), caller.name());
    }

    /** Archives a job that is not wanted. */
    @Transactional
    public void archive(ConfiguredJob present, @Nullable String reason) {
        jobs.setArchived(String.valueOf(present.id()), true, reason, present.tag(), caller.name());
    }

    private static ConfiguredJob configured(Job job) {
        return new ConfiguredJob(
                job.id,
                Jobs.tag(job),
                job.name,
                job.archived,
                job.description,
                job.associatedAccount == null ? null : job.associatedAccount.username(),
                job.pollIntervalSeconds,
                job.timeoutSeconds,
                JobLimits.of(job.limits),
                job.script.md5,
                job.script.sha256,
                job.parameters,
                job.parametersSchema);
    }
}
