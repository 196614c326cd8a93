package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.Account;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/**
 * Saves jobs with their revisions, scripts and audit events, in the caller's transaction. Many jobs take few statements. The
 * jobs that are changed are locked by the caller.
 */
@Singleton
class JobSaves {

    /** A job to be created. */
    record NewJob(CheckedDraft draft, boolean archived) {}

    /** What a job is to be. */
    record Wanted(Job job, CheckedDraft draft, boolean archived) {}

    private final JobRepository jobs;
    private final JobRevisionRepository revisions;
    private final StoredScripts scripts;
    private final Accounts accounts;
    private final DatabaseClock clock;
    private final JobChanges changes;

    JobSaves(
            JobRepository jobs,
            JobRevisionRepository revisions,
            StoredScripts scripts,
            Accounts accounts,
            DatabaseClock clock,
            JobChanges changes) {
        this.jobs = jobs;
        this.revisions = revisions;
        this.scripts = scripts;
        this.accounts = accounts;
        this.clock = clock;
        this.changes = changes;
    }

    /**
     * Creates them, in their order.
     *
     * @throws RefusedException where a name is taken
     * @throws InvalidException where there is no such account
     */
    List<Job> create(List<NewJob> wanted, String by) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        jobs.firstTaken(wanted.stream().map(job -> job.draft().name()).toList()).ifPresent(name -> {
            throw nameTaken(name);
        });
        Instant now = clock.now();
        References references =
                new References(wanted.stream().map(NewJob::draft).toList(), now);
        List<Job> created = new ArrayList<>();
        List<AuditEntry> events = new ArrayList<>();
        for (NewJob each : wanted) {
            Job job = new Job();
            job.id = UuidV7.at(now);
            job.createdAt = now;
            job.createdBy = by;
            job.scheduleChangedAt = now;
            job.archived = each.archived();
            references.put(each.draft(), job);
            number(job, now, by);
            jobs.persist(job);
            created.add(job);
        }
        for (int i = 0; i < created.size(); i++) {
            String reason = wanted.get(i).draft().draft().reason();
            revisions.persist(new JobRevision(created.get(i), JobRevision.Change.CREATED, reason));
            events.add(JobChanges.created(created.get(i), by, reason));
        }
        flush(created);
        changes.tell(events);
        return created;
    }

    /**
     * Makes each of them what is wanted; returns those whose schedule changed. One that is all of it already is not saved.
     *
     * @throws RefusedException where a name is taken
     * @throws InvalidException where there is no such account
     */
    List<Job> change(List<Wanted> wanted, String by) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        Instant now = clock.now();
        References references =
                new References(wanted.stream().map(Wanted::draft).toList(), now);
        List<Job> changed = new ArrayList<>();
        List<Job> rescheduled = new ArrayList<>();
        List<AuditEntry> events = new ArrayList<>();
        for (Wanted each : wanted) {
            Job job = each.job();
            ObjectNode before = JobChanges.state(job);
            int interval = job.pollIntervalSeconds;
            boolean moved = job.archived != each.archived();
            if (!references.differ(each.draft(), job) && !moved) {
                continue;
            }
            references.put(each.draft(), job);
            job.archived = each.archived();
            if (moved || job.pollIntervalSeconds != interval) {
                job.scheduleChangedAt = later(job.scheduleChangedAt, now);
                rescheduled.add(job);
            }
            JobRevision.Change kind =
                    moved ? JobRevision.Change.ofArchived(each.archived()) : JobRevision.Change.UPDATED;
            String reason = each.draft().draft().reason();
            events.add(numbered(job, before, kind, moved ? action(each.archived()) : "update", reason, now, by));
            changed.add(job);
        }
        flush(changed);
        changes.tell(events);
        return rescheduled;
    }

    /** Archives those of them that are not archived, or brings back those that are. */
    void setArchived(List<Job> all, boolean archived, @Nullable String reason, String by) {
        Instant now = clock.now();
        List<Job> changed = new ArrayList<>();
        List<AuditEntry> events = new ArrayList<>();
        for (Job job : all) {
            if (job.archived != archived) {
                ObjectNode before = JobChanges.state(job);
                job.archived = archived;
                job.scheduleChangedAt = later(job.scheduleChangedAt, now);
                events.add(numbered(
                        job, before, JobRevision.Change.ofArchived(archived), action(archived), reason, now, by));
                changed.add(job);
            }
        }
        flush(changed);
        changes.tell(events);
    }

    /** Gives the job the configuration of an earlier revision; whether it is archived stays as it is. */
    void revert(Job job, JobRevision wanted, @Nullable String reason, String by) {
        ObjectNode before = JobChanges.state(job);
        Instant now = clock.now();
        if (job.pollIntervalSeconds != wanted.pollIntervalSeconds) {
            job.scheduleChangedAt = later(job.scheduleChangedAt, now);
        }
        boolean archived = job.archived;
        job.copy(wanted);
        job.archived = archived;
        job.nameKey = Name.key(job.name);
        AuditEntry event = numbered(job, before, JobRevision.Change.REVERTED, "revert", reason, now, by);
        flush(List.of(job));
        changes.tell(List.of(event));
    }

    /** Lets them act as that account. */
    void give(List<Job> all, Account account, @Nullable String reason, String by) {
        Instant now = clock.now();
        List<AuditEntry> events = new ArrayList<>();
        for (Job job : all) {
            ObjectNode before = JobChanges.state(job);
            job.associatedAccount = account;
            events.add(numbered(job, before, JobRevision.Change.UPDATED, "update", reason, now, by));
        }
        flush(all);
        changes.tell(events);
    }

    /** Instants of schedule changes grow strictly: they tell an old timer from a new one. */
    static Instant later(Instant before, Instant now) {
        return now.isAfter(before) ? now : before.plus(1, ChronoUnit.MICROS);
    }

    static RefusedException nameTaken(Name name) {
        return new RefusedException(
                "name-taken",
                "There is a job called '" + name.text()
                        + "' already, perhaps archived or written in another case; names are unique among all jobs");
    }

    static InvalidException noActiveAccount(String field, String username) {
        return new InvalidException(field, "must name an active account; there is none called '" + username + "'");
    }

    private static String action(boolean archived) {
        return archived ? "archive" : "unarchive";
    }

    /** Makes it the next revision; returns what the trail says of it. */
    private AuditEntry numbered(
            Job job,
            ObjectNode before,
            JobRevision.Change kind,
            String action,
            @Nullable String reason,
            Instant now,
            String by) {
        number(job, now, by);
        revisions.persist(new JobRevision(job, kind, reason));
        return JobChanges.changed(job, before, action, by, reason);
    }

    private static void number(Job job, Instant now, String by) {
        job.revision++;
        job.version++;
        job.updatedAt = now;
        job.updatedBy = by;
    }

    private void flush(List<Job> saved) {
        if (saved.isEmpty()) {
            return;
        }
        try {
            jobs.flush();
        } catch (ConstraintViolationException e) {
            if (!"job_name_unique".equals(e.getConstraintName())) {
                throw e;
            }
            throw saved.size() == 1
                    ? nameTaken(Name.of(saved.getFirst().name))
                    : new StaleException("Another job has just taken the name of one of these.");
        }
    }

    /** Accounts and scripts of drafts, locked and stored. */
    private final class References {

        private final Map<String, StoredScripts.Obtained> obtained;
        private final Map<String, Optional<Account>> locked = new HashMap<>();

        References(List<CheckedDraft> drafts, Instant now) {
            obtained = scripts.obtain(drafts.stream().map(CheckedDraft::script).toList(), now);
            // Before anything is changed: each query writes what is changed, and may find a name taken
            for (CheckedDraft wanted : drafts) {
                String username = wanted.draft().associatedUser();
                if (wanted.user() == CheckedDraft.User.ANY && username != null) {
                    lock(username);
                }
            }
        }

        /** Whether the job is not yet all of that draft. */
        boolean differ(CheckedDraft wanted, Job job) {
            JobDraft draft = wanted.draft();
            // A source that was stored damaged was stored anew, and that is a change
            return script(wanted).repaired()
                    || !wanted.name().text().equals(job.name)
                    || !Objects.equals(draft.description(), job.description)
                    || !Objects.equals(account(wanted, job), job.associatedAccount)
                    || draft.pollIntervalSeconds() != job.pollIntervalSeconds
                    || draft.timeoutSeconds() != job.timeoutSeconds
                    || !wanted.script().sha256().equals(job.script.sha256)
                    || !StoredJson.same(draft.parameters().toString(), job.parameters)
                    || !StoredJson.same(schema(draft), job.parametersSchema)
                    || !JobLimits.of(draft.limits()).equals(JobLimits.of(job.limits));
        }

        /** Puts all of the draft into the job. */
        void put(CheckedDraft wanted, Job job) {
            JobDraft draft = wanted.draft();
            job.associatedAccount = account(wanted, job);
            job.name = wanted.name().text();
            job.nameKey = wanted.name().key();
            job.description = draft.description();
            job.pollIntervalSeconds = draft.pollIntervalSeconds();
            job.timeoutSeconds = draft.timeoutSeconds();
            boolean otherScript = job.revision == 0 || !wanted.script().sha256().equals(job.script.sha256);
            job.strict |= otherScript;
            job.script = script(wanted).script();
            job.parameters = draft.parameters().toString();
            job.parametersSchema = schema(draft);
            job.limits = draft.limits();
        }

        private Optional<Account> lock(String username) {
            return locked.computeIfAbsent(Name.key(username), unused -> accounts.lock(username));
        }

        private StoredScripts.Obtained script(CheckedDraft wanted) {
            return Objects.requireNonNull(obtained.get(wanted.script().sha256()));
        }

        private static @Nullable String schema(JobDraft draft) {
            return draft.parametersSchema() == null
                    ? null
                    : draft.parametersSchema().toString();
        }

        private @Nullable Account account(CheckedDraft wanted, Job job) {
            String username = wanted.draft().associatedUser();
            Account kept = job.associatedAccount;
            CheckedDraft.User user = wanted.user();
            if (user == CheckedDraft.User.KEPT) {
                return kept;
            }
            if (username == null) {
                return null;
            }
            boolean same = kept != null && Name.key(kept.username()).equals(Name.key(username));
            if (same && user == CheckedDraft.User.KEPT_OR_ACTIVE) {
                return kept;
            }
            return lock(username)
                    .filter(account -> user == CheckedDraft.User.ANY || account.isActive())
                    .orElseThrow(() -> noActiveAccount("associatedUser", username));
        }
    }
}
