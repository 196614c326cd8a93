package io.asyncjobs.job;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.script.ScriptSource;
import io.asyncjobs.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
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

    /** What is to be done with a job. */
    public sealed interface Saving {

        /** Creates it. */
        record Create(Wanted wanted) implements Saving {}

        /** Makes a job that was read so what is wanted. */
        record Change(ConfiguredJob present, Wanted wanted) implements Saving {}

        /** Archives a job that was read so. */
        record Archive(ConfiguredJob present) implements Saving {}

        /** How much memory its script takes. */
        default int scriptChars() {
            return switch (this) {
                case Create(Wanted wanted) -> wanted.draft().script().text().length();
                case Change(ConfiguredJob present, Wanted wanted) ->
                    wanted.draft().script().text().length();
                case Archive(ConfiguredJob present) -> 0;
            };
        }
    }

    /** Of the parameters and schemas of all jobs: a small part of the smallest heap. */
    private static final long MOST_CHARS = 24L * 1024 * 1024;

    private final JobSaves saves;
    private final JobRepository repository;
    private final StoredContents contents;
    private final Caller caller;
    private final DatabaseClock clock;

    JobConfigurations(
            JobSaves saves, JobRepository repository, StoredContents contents, Caller caller, DatabaseClock clock) {
        this.saves = saves;
        this.repository = repository;
        this.contents = contents;
        this.caller = caller;
        this.clock = clock;
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

    /**
     * Makes jobs what is wanted of them, each as one revision. Called for all of a transaction's jobs, some at a time; their
     * scripts are in memory together.
     *
     * @param reason of those that are archived; drafts have their own
     * @return those whose schedule begins anew, for {@link #startSchedules}
     * @throws StaleException where a job is no longer what {@code present} says, or its name was taken
     */
    @Transactional
    public List<UUID> save(List<Saving> savings, @Nullable String reason) {
        // Otherwise each statement looks for changes in all that was saved before
        repository.flush();
        repository.getEntityManager().clear();
        String by = caller.name();
        List<JobSaves.NewJob> created = new ArrayList<>();
        List<JobSaves.Wanted> changed = new ArrayList<>();
        List<Job> archived = new ArrayList<>();
        Map<UUID, Job> locked = lock(savings);
        for (Saving saving : savings) {
            switch (saving) {
                case Saving.Create(Wanted wanted) ->
                    created.add(new JobSaves.NewJob(wanted.draft(), wanted.job().archived()));
                case Saving.Change(ConfiguredJob present, Wanted wanted) ->
                    changed.add(new JobSaves.Wanted(
                            unchanged(present, locked),
                            wanted.draft(),
                            wanted.job().archived()));
                case Saving.Archive(ConfiguredJob present) -> archived.add(unchanged(present, locked));
            }
        }
        saves.setArchived(archived, true, reason, by);
        List<Job> scheduled = new ArrayList<>(saves.create(created, by));
        scheduled.addAll(saves.change(changed, by));
        return scheduled.stream().map(job -> job.id).toList();
    }

    private Map<UUID, Job> lock(List<Saving> savings) {
        List<UUID> ids = new ArrayList<>();
        for (Saving saving : savings) {
            switch (saving) {
                case Saving.Create(Wanted wanted) -> {}
                case Saving.Change(ConfiguredJob present, Wanted wanted) -> ids.add(present.id());
                case Saving.Archive(ConfiguredJob present) -> ids.add(present.id());
            }
        }
        return ids.isEmpty() ? Map.of() : repository.lockAll(ids);
    }

    private static Job unchanged(ConfiguredJob present, Map<UUID, Job> locked) {
        Job job = locked.get(present.id());
        if (job == null) {
            throw new StaleException("The job '%s' was deleted.".formatted(present.name()));
        }
        Jobs.requireMatch(present.tag(), job);
        return job;
    }

    /**
     * Lets the schedules of these jobs begin now. To be called last in a transaction that may have taken long: a job has no
     * ticks from before it can be seen.
     */
    @Transactional
    public void startSchedules(List<UUID> jobs) {
        repository.flush();
        repository.getEntityManager().clear();
        repository.startSchedules(jobs, clock.now());
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
