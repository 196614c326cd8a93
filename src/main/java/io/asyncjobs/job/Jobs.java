package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.Account;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.http.EntityTags;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.script.ScriptSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/**
 * What can be done with jobs, but for their pauses ({@link JobPauses}); each method is one transaction.
 *
 * <p>{@code by} is the name of who asks. {@code ifMatch} is the header as it came; it is compared under the row's lock, so of
 * two changes based on one state exactly one wins. A change without effect saves nothing.
 */
@ApplicationScoped
public class Jobs {

    /** Jobs that went from one account to another. */
    record Moved(Account from, Account to, List<Job> jobs) {}

    private final JobRepository jobs;
    private final JobRevisionRepository revisions;
    private final JobSaves saves;
    private final StoredContents contents;
    private final Accounts accounts;
    private final JobChanges changes;

    Jobs(
            JobRepository jobs,
            JobRevisionRepository revisions,
            JobSaves saves,
            StoredContents contents,
            Accounts accounts,
            JobChanges changes) {
        this.jobs = jobs;
        this.revisions = revisions;
        this.saves = saves;
        this.contents = contents;
        this.accounts = accounts;
        this.changes = changes;
    }

    static final Map<String, String> SORTABLE = Map.of(
            "name", "j.nameKey",
            "archived", "j.archived",
            "associatedUser", "a.username",
            "pollIntervalSeconds", "j.pollIntervalSeconds",
            "scriptMd5", "s.md5",
            "updatedAt", "j.updatedAt");

    /** One page of the jobs that the filter takes, with how many there are. */
    @Transactional
    JobRepository.Listed list(JobFilter filter, PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "name");
        return jobs.list(filter, order, page);
    }

    /** The job of that id or name; {@link UnknownException} when there is none. */
    @Transactional
    Job get(String idOrName) {
        return uuid(idOrName)
                .flatMap(jobs::findWhole)
                .or(() -> jobs.findWholeByNameKey(Name.key(idOrName)))
                .orElseThrow(() -> unknown(idOrName));
    }

    /** The id of the job with that id or name; {@link UnknownException} when there is none. */
    @Transactional
    public UUID idOf(String idOrName) {
        return get(idOrName).id;
    }

    /** Whether that job is archived; {@link UnknownException} when there is none. */
    @Transactional
    public boolean isArchived(UUID id) {
        return get(id.toString()).archived;
    }

    /** The id of the job of that name, if there is one. */
    @Transactional
    Optional<UUID> named(String name) {
        return jobs.findWholeByNameKey(Name.key(name)).map(job -> job.id);
    }

    /** Whether there is a job with that id or name. */
    @Transactional
    boolean exists(String idOrName) {
        return uuid(idOrName).flatMap(jobs::findWhole).isPresent()
                || jobs.findWholeByNameKey(Name.key(idOrName)).isPresent();
    }

    /** Whether another job than that one has the name. */
    @Transactional
    boolean isTaken(Name name, @Nullable UUID job) {
        return jobs.findWholeByNameKey(name.key())
                .filter(other -> !other.id.equals(job))
                .isPresent();
    }

    /** The account of that name, active or not; {@link UnknownException} when there is none. */
    Account account(String username) {
        return accounts.require(username);
    }

    @Transactional
    Job create(CheckedDraft wanted, String by) {
        return saves.create(List.of(new JobSaves.NewJob(wanted, false)), by).getFirst();
    }

    /** As {@link #create(CheckedDraft, String)}, with something to be done in the same transaction. */
    @Transactional
    Job create(CheckedDraft wanted, String by, Consumer<Job> together) {
        Job job = create(wanted, by);
        together.accept(job);
        return job;
    }

    @Transactional
    Job replace(String idOrName, CheckedDraft wanted, @Nullable String ifMatch, String by) {
        Job job = lock(idOrName, ifMatch);
        saves.change(List.of(new JobSaves.Wanted(job, wanted, job.archived)), by);
        return job;
    }

    @Transactional
    Job setArchived(String idOrName, boolean archived, @Nullable String reason, @Nullable String ifMatch, String by) {
        Job job = lock(idOrName, ifMatch);
        saves.setArchived(List.of(job), archived, reason, by);
        return job;
    }

    /**
     * Removes the job with its revisions, state and ledger; its runs stay until their retention ends.
     *
     * @throws RefusedException unless the job is archived and at rest
     */
    @Transactional
    void delete(String idOrName, @Nullable String reason, @Nullable String ifMatch, String by) {
        Job job = lock(idOrName, ifMatch);
        if (!job.archived) {
            throw new RefusedException("job-not-archived", "The job is in use; archive it before deleting it.");
        }
        ObjectNode lastState = JobChanges.state(job);
        try {
            jobs.delete(job);
            jobs.flush();
        } catch (ConstraintViolationException e) {
            if ("job_timer_not_leased".equals(e.getConstraintName())) {
                throw new RefusedException(
                        "job-running", "A run of the job goes on; delete the job when it has ended.");
            }
            throw e;
        }
        changes.tell(List.of(JobChanges.deleted(job, lastState, by, reason)));
    }

    /** One page of the job's revisions, latest first unless asked otherwise. */
    @Transactional
    JobRevisionRepository.Listed revisions(String idOrName, PageRequest page) {
        PageRequest.Order order = page.checked(Map.of("revision", "r.key.revision"), "-revision");
        return revisions.list(get(idOrName).id, order, page);
    }

    /** That revision of the job; {@link UnknownException} when there is no such job or revision. */
    @Transactional
    JobRevision revision(String idOrName, int revision) {
        Job job = get(idOrName);
        return revisions
                .findWhole(job.id, revision)
                .orElseThrow(() -> new UnknownException("There is no revision %d of the job '%s'; its latest is %d."
                        .formatted(revision, job.name, job.revision)));
    }

    /** Gives the job the configuration of an earlier revision, as a new one; whether it is archived stays as it is. */
    @Transactional
    Job revert(String idOrName, int revision, @Nullable String reason, @Nullable String ifMatch, String by) {
        Job job = lock(idOrName, ifMatch);
        JobRevision wanted = revisions
                .findWhole(job.id, revision)
                .orElseThrow(() -> new InvalidException(
                        "revision", "must be one of the job's revisions, which are 1 to " + job.revision));
        List<Violation> damage = contents.damage(wanted);
        if (!damage.isEmpty()) {
            throw new UnreadableJobException(wanted.name, revision, damage);
        }
        if (job.configuredAs(wanted)) {
            return job;
        }
        Account account = wanted.associatedAccount;
        if (account != null && !account.isActive() && !account.equals(job.associatedAccount)) {
            throw new RefusedException(
                    "account-inactive",
                    "The account '%s' that revision %d acts as is not active any more; activate it or edit the job instead."
                            .formatted(account.username(), revision));
        }
        saves.revert(job, wanted, reason, by);
        return job;
    }

    /** The job's script; {@link UnreadableJobException} where it is stored damaged. */
    @Transactional
    ScriptSource script(String idOrName) {
        Job job = get(idOrName);
        List<Violation> damage = new ArrayList<>();
        ScriptSource script = contents.script(job.script.sha256, damage);
        if (script == null) {
            throw new UnreadableJobException(job.name, job.revision, damage);
        }
        return script;
    }

    /**
     * Lets all jobs of one account, archived ones too, act as another.
     *
     * @throws UnknownException when there is no account {@code from}
     * @throws InvalidException when {@code to} is no other, active account
     */
    @Transactional
    Moved transfer(String from, String to, @Nullable String reason, String by) {
        Account old = accounts.require(from);
        Account other =
                accounts.lock(to).filter(Account::isActive).orElseThrow(() -> JobSaves.noActiveAccount("to", to));
        if (other.equals(old)) {
            throw new InvalidException("to", "must name another account than " + old.username());
        }
        List<Job> moved = jobs.lockOfAccount(old.id());
        saves.give(moved, other, reason, by);
        return new Moved(old, other, moved);
    }

    /**
     * What a run of the job as it is now would need; {@link UnknownException} when there is no such job.
     *
     * @param ownScript whether the caller brings a script, so that the job's may be damaged, and is empty then
     * @param ownParameters likewise
     * @throws UnreadableJobException where something else is stored damaged
     */
    @Transactional
    public JobSnapshot current(String idOrName, boolean ownScript, boolean ownParameters) {
        Job job = get(idOrName);
        return revisions
                .findWhole(job.id, job.revision)
                .map(saved -> snapshot(saved, ownScript, ownParameters))
                .orElseThrow(() -> unknown(idOrName));
    }

    /** What a run of the job may use, as far as the job says; {@link UnknownException} when there is no such job. */
    @Transactional
    public JobLimits limits(UUID job) {
        return JobLimits.of(get(job.toString()).limits);
    }

    private JobSnapshot snapshot(JobRevision saved, boolean ownScript, boolean ownParameters) {
        List<Violation> damage = new ArrayList<>();
        ScriptSource script = contents.script(saved.script.sha256, ownScript ? new ArrayList<>() : damage);
        ObjectNode parameters =
                contents.object("parameters", saved.parameters, ownParameters ? new ArrayList<>() : damage);
        if (!damage.isEmpty()) {
            throw new UnreadableJobException(saved.name, saved.key.revision(), damage);
        }
        return new JobSnapshot(
                saved.key.jobId(),
                saved.name,
                saved.key.revision(),
                script == null ? ScriptSource.of("") : script,
                saved.strict,
                parameters == null ? "{}" : saved.parameters,
                Duration.ofSeconds(saved.timeoutSeconds),
                JobLimits.of(saved.limits),
                saved.associatedAccount == null
                        ? null
                        : new JobSnapshot.User(
                                saved.associatedAccount.username(), saved.associatedAccount.displayName()));
    }

    /** The tag of the job as it is now. */
    static String tag(Job job) {
        // With a part of the id: a job that is made anew under an old name has other tags
        return EntityTags.strong(
                "%08x-%d-%d".formatted((int) job.id.getLeastSignificantBits(), job.revision, job.version));
    }

    /** Lets a change pass that is based on the job's present configuration. Pausing and resuming are no part of it. */
    static void requireMatch(@Nullable String ifMatch, Job job) {
        EntityTags.requireMatch(ifMatch, tag(job), Jobs::configuration);
    }

    /** What of a tag stands for the configuration: all but the last number. */
    private static String configuration(String tag) {
        int last = tag.lastIndexOf('-');
        return tag.indexOf('-') < last ? tag.substring(0, last) : tag;
    }

    private Job lock(String idOrName, @Nullable String ifMatch) {
        Job job = lock(idOrName);
        requireMatch(ifMatch, job);
        return job;
    }

    /** The job as it is now, locked until the transaction ends. */
    Job lock(String idOrName) {
        UUID id = get(idOrName).id;
        Job job = jobs.findLocked(id).orElseThrow(() -> unknown(idOrName));
        // Read before the lock was had: somebody may have changed it in between
        jobs.getEntityManager().refresh(job);
        return job;
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return text.length() == 36 ? Optional.of(UUID.fromString(text)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static UnknownException unknown(String idOrName) {
        return new UnknownException("There is no job with the id or name '" + idOrName + "'");
    }
}
