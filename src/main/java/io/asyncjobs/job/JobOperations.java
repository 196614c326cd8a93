package io.asyncjobs.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.idempotency.IdempotencyKeyParameter;
import io.asyncjobs.platform.idempotency.IdempotencyKeys;
import io.asyncjobs.platform.idempotency.IdempotentAnswer;
import io.asyncjobs.platform.idempotency.IdempotentCall;
import io.asyncjobs.platform.json.JsonValue;
import io.asyncjobs.platform.json.MergePatch;
import io.asyncjobs.platform.json.ReadBack;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.script.MalformedScriptException;
import io.asyncjobs.script.ScriptSource;
import io.asyncjobs.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What callers can do with jobs, for the API and for pages: drafts are checked, the caller is named, views come out.
 *
 * <p>{@code idOrName} names the job; {@code ifMatch} is the header as it came.
 */
@ApplicationScoped
public class JobOperations {

    private static final ReadBack READ_BACK = new ReadBack(JobView.class, JobDraft.class);
    private static final String USER = "associatedUser";
    private static final String ARCHIVED = "archived";
    private static final String PAUSED = "paused";

    /** How to change what a draft cannot. */
    private static final Map<String, String> HOW = Map.of(
            ARCHIVED,
            "archive or unarchive the job with a call of its own",
            PAUSED,
            "pause or resume the job with a call of its own");

    private static final Map<String, JsonNode> NEW = Map.of(ARCHIVED, BooleanNode.FALSE, PAUSED, BooleanNode.FALSE);

    private final Jobs jobs;
    private final JobPauses pauses;
    private final JobsByHealth health;
    private final DraftChecker checker;
    private final JobViews views;
    private final StrictJson json;
    private final RevisionDiff diff;
    private final Caller caller;
    private final JobTimers timers;
    private final DraftFaults faults;
    private final IdempotencyKeys keys;

    JobOperations(
            Jobs jobs,
            JobPauses pauses,
            JobsByHealth health,
            DraftChecker checker,
            JobViews views,
            StrictJson json,
            RevisionDiff diff,
            Caller caller,
            JobTimers timers,
            DraftFaults faults,
            IdempotencyKeys keys) {
        this.jobs = jobs;
        this.pauses = pauses;
        this.health = health;
        this.timers = timers;
        this.checker = checker;
        this.views = views;
        this.json = json;
        this.diff = diff;
        this.caller = caller;
        this.faults = faults;
        this.keys = keys;
    }

    /** A page of the jobs that the filter takes. */
    public PageView<JobSummary> list(JobFilter filter, PageRequest page) {
        JobRepository.Listed found = jobs.list(filter, page);
        return PageView.of(page, views.summaries(found.jobs()), found.total());
    }

    /**
     * A page of the jobs of that part that the filter takes.
     *
     * @param outcome of the latest run that has ended, {@code running}, or {@code none} for a job that never ran; null for any
     */
    public JobListView byHealth(JobFilter filter, JobHealth part, @Nullable String outcome, PageRequest page) {
        JobsByHealth.Found found = health.list(filter, part, outcome, page);
        return new JobListView(
                PageView.of(page, views.summaries(found.jobs()), found.total()), found.counts(), found.users());
    }

    /** The ids of all jobs of that part that the filter takes, by name; as {@link #byHealth}. */
    public List<UUID> ids(JobFilter filter, JobHealth part, @Nullable String outcome) {
        return health.ids(filter, part, outcome);
    }

    /** The jobs with these ids, in their order; those that are gone are left out. */
    public List<JobSummary> summaries(Collection<UUID> ids) {
        return views.summaries(health.read(ids));
    }

    /** How many jobs in use are paused, for a word on each page. */
    public PausedJobsView paused() {
        return pauses.count();
    }

    /** A page of the jobs that act as that account. */
    public PageView<JobSummary> ofAccount(String username, PageRequest page) {
        return list(JobFilter.of(null, null, jobs.account(username).username()), page);
    }

    /** Makes all jobs of one account act as another. */
    public TransferView transfer(String username, TransferDraft draft) {
        Jobs.Moved moved = jobs.transfer(username, draft.to(), draft.reason(), caller.name());
        return new TransferView(
                moved.from().username(),
                moved.to().username(),
                moved.jobs().stream()
                        .sorted(Comparator.comparing((Job job) -> job.nameKey))
                        .map(TransferView.MovedJobView::of)
                        .toList());
    }

    /** Creates a job. */
    public Tagged<JobView> create(JobDraft draft) {
        return changed(jobs.create(checker.check(draft, CheckedDraft.User.ACTIVE), caller.name()));
    }

    /**
     * Creates a job, once for all calls with the same key.
     *
     * @param paused whether it is paused before it has a tick
     */
    IdempotentAnswer<Tagged<JobView>> create(JobDraft draft, boolean paused, IdempotencyKeyParameter key) {
        String by = caller.name();
        IdempotentCall call = key.of(by, paused ? "createPausedJob" : "createJob", json.text(draft));
        return keys.answer(
                call,
                () -> changed(jobs.create(checker.check(draft, CheckedDraft.User.ACTIVE), by, job -> {
                    keys.keep(call, job.id);
                    if (paused) {
                        pauses.pause(job.id.toString(), null, draft.reason(), by);
                    }
                })),
                id -> get(id.toString()));
    }

    /**
     * Creates the job of that name.
     *
     * @throws StaleException when there is one already
     */
    Tagged<JobView> createNamed(String name, JsonValue draft) {
        if (jobs.exists(name)) {
            throw alreadyThere(name);
        }
        JobDraft wanted = json.bind(READ_BACK.draftOf(draft.json()), JobDraft.class);
        ReadBack.requireUnchanged(draft.json(), NEW, HOW);
        if (!Name.key(wanted.name()).equals(Name.key(name))) {
            throw new InvalidException("name", "must be the name in the address, which is '" + name + "'");
        }
        try {
            return create(wanted);
        } catch (RefusedException e) {
            if (jobs.exists(name)) {
                // Somebody else was faster between the look and the insert
                throw alreadyThere(name);
            }
            throw e;
        }
    }

    private static StaleException alreadyThere(String name) {
        return new StaleException("There is a job called '" + name + "' already, and If-None-Match asks for none.");
    }

    /** Says what would be refused of a {@link JobDraft} whatever the database holds, and does nothing. */
    public void check(JsonValue draft) {
        checker.check(json.bind(draft.json(), JobDraft.class), CheckedDraft.User.ACTIVE);
    }

    /**
     * All that is wrong with a {@link JobDraft}, for a form that says everything at once.
     *
     * @param job which it is of; null for a new one
     * @param known fields of which faults are known already; of them nothing is said
     */
    public List<Violation> faults(JsonValue draft, @Nullable UUID job, Set<String> known) {
        return draft.json() instanceof ObjectNode object ? faults.of(object, job, known) : List.of();
    }

    /** The id of the job of that name, if there is one. */
    public Optional<UUID> named(String name) {
        return jobs.named(name);
    }

    public Tagged<JobView> get(String idOrName) {
        return tagged(jobs.get(idOrName));
    }

    ScriptSource script(String idOrName) {
        return jobs.script(idOrName);
    }

    /**
     * Replaces everything by a {@link JobDraft}; its user only where the field was sent. The draft may have fields that only
     * a {@link JobView} has.
     */
    public Tagged<JobView> replace(String idOrName, JsonValue draft, @Nullable String ifMatch) {
        CheckedDraft wanted = checker.check(
                json.bind(READ_BACK.draftOf(draft.json()), JobDraft.class),
                draft.json().has(USER) ? CheckedDraft.User.KEPT_OR_ACTIVE : CheckedDraft.User.KEPT);
        if (draft.json().has(ARCHIVED) || draft.json().has(PAUSED)) {
            Job present = jobs.get(idOrName);
            ReadBack.requireUnchanged(
                    draft.json(),
                    Map.of(
                            ARCHIVED,
                            BooleanNode.valueOf(present.archived),
                            PAUSED,
                            BooleanNode.valueOf(present.paused())),
                    HOW);
        }
        return changed(jobs.replace(idOrName, wanted, ifMatch, caller.name()));
    }

    /** Changes what the patch names. */
    Tagged<JobView> patch(String idOrName, MergePatch patch, @Nullable String ifMatch) {
        CheckedDraft.User user = patch.changes().has(USER) ? CheckedDraft.User.ACTIVE : CheckedDraft.User.KEPT;
        return change(
                idOrName,
                ifMatch,
                patch.changes()::has,
                current -> checker.check(json.patched(current, patch, JobDraft.class), user));
    }

    /** Changes the script alone, to these bytes of UTF-8. */
    Tagged<JobView> replaceScript(String idOrName, byte[] utf8, @Nullable String reason, @Nullable String ifMatch) {
        String source;
        try {
            source = ScriptSource.ofUtf8(utf8).text();
        } catch (MalformedScriptException e) {
            throw new InvalidException("script", "must be UTF-8 text");
        }
        return change(
                idOrName,
                ifMatch,
                "script"::equals,
                current -> checker.check(current.withScript(source, reason), CheckedDraft.User.KEPT));
    }

    /** Saves what {@code wanted} makes of the current state, in which the {@code replaced} fields may be damaged; where somebody else was faster, the condition decides anew. */
    private Tagged<JobView> change(
            String idOrName,
            @Nullable String ifMatch,
            Predicate<String> replaced,
            Function<JobDraft, CheckedDraft> wanted) {
        while (true) {
            Job current = jobs.get(idOrName);
            String tag = Jobs.tag(current);
            Jobs.requireMatch(ifMatch, current);
            CheckedDraft draft = wanted.apply(views.draft(current, replaced));
            try {
                return changed(jobs.replace(idOrName, draft, tag, caller.name()));
            } catch (StaleException e) {
                Jobs.requireMatch(ifMatch, jobs.get(idOrName));
            }
        }
    }

    public Tagged<JobView> setArchived(
            String idOrName, boolean archived, @Nullable String reason, @Nullable String ifMatch) {
        return changed(jobs.setArchived(idOrName, archived, reason, ifMatch, caller.name()));
    }

    public Tagged<JobView> pause(String idOrName, PauseDraft draft) {
        return changed(pauses.pause(idOrName, draft.until(), draft.reason(), caller.name()));
    }

    public Tagged<JobView> resume(String idOrName, @Nullable String reason) {
        return changed(pauses.resume(idOrName, reason, caller.name()));
    }

    public void delete(String idOrName, @Nullable String reason, @Nullable String ifMatch) {
        jobs.delete(idOrName, reason, ifMatch, caller.name());
    }

    public PageView<RevisionSummary> revisions(String idOrName, PageRequest page) {
        JobRevisionRepository.Listed found = jobs.revisions(idOrName, page);
        return PageView.of(page, found.revisions(), found.total());
    }

    public RevisionView revision(String idOrName, int revision) {
        return views.revision(jobs.revision(idOrName, revision));
    }

    /** The difference between two revisions: the latest and the one before it unless given. */
    String diff(String idOrName, @Nullable Integer from, @Nullable Integer to) {
        int after = to == null ? jobs.get(idOrName).revision : to;
        int before = from == null ? Math.max(1, after - 1) : from;
        return diff.of(revision(idOrName, before), revision(idOrName, after));
    }

    public Tagged<JobView> revert(String idOrName, RevertDraft draft, @Nullable String ifMatch) {
        return changed(jobs.revert(idOrName, draft.revision(), draft.reason(), ifMatch, caller.name()));
    }

    /** The job with the tick that follows from its change. */
    private Tagged<JobView> changed(Job job) {
        timers.match(job.id);
        return tagged(job);
    }

    private Tagged<JobView> tagged(Job job) {
        return new Tagged<>(views.whole(job), Jobs.tag(job));
    }
}
