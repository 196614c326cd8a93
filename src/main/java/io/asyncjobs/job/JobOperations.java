package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.JsonValue;
import io.asyncjobs.platform.json.MergePatch;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.script.MalformedScriptException;
import io.asyncjobs.script.ScriptSource;
import io.asyncjobs.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
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

    private final Jobs jobs;
    private final DraftChecker checker;
    private final JobViews views;
    private final StrictJson json;
    private final RevisionDiff diff;
    private final Caller caller;
    private final JobTimers timers;
    private final DraftFaults faults;

    JobOperations(
            Jobs jobs,
            DraftChecker checker,
            JobViews views,
            StrictJson json,
            RevisionDiff diff,
            Caller caller,
            JobTimers timers,
            DraftFaults faults) {
        this.jobs = jobs;
        this.timers = timers;
        this.checker = checker;
        this.views = views;
        this.json = json;
        this.diff = diff;
        this.caller = caller;
        this.faults = faults;
    }

    /** A page of the jobs that the filter takes. */
    public PageView<JobSummary> list(JobFilter filter, PageRequest page) {
        JobRepository.Listed found = jobs.list(filter, page);
        return PageView.of(page, views.summaries(found.jobs()), found.total());
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
        return changed(jobs.create(checker.check(draft, true), caller.name()));
    }

    /** Says what would be refused of a {@link JobDraft} whatever the database holds, and does nothing. */
    public void check(JsonValue draft) {
        checker.check(json.bind(draft.json(), JobDraft.class), true);
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

    public Tagged<JobView> get(String idOrName) {
        return tagged(jobs.get(idOrName));
    }

    ScriptSource script(String idOrName) {
        return jobs.script(idOrName);
    }

    /** Replaces everything by a {@link JobDraft}; its user only where the field was sent. */
    public Tagged<JobView> replace(String idOrName, JsonValue draft, @Nullable String ifMatch) {
        boolean namesUser = draft.json().has("associatedUser");
        CheckedDraft wanted = checker.check(json.bind(draft.json(), JobDraft.class), namesUser);
        return changed(jobs.replace(idOrName, wanted, ifMatch, caller.name()));
    }

    /** Changes what the patch names. */
    Tagged<JobView> patch(String idOrName, MergePatch patch, @Nullable String ifMatch) {
        boolean namesUser = patch.changes().has("associatedUser");
        return change(
                idOrName,
                ifMatch,
                patch.changes()::has,
                current -> checker.check(json.patched(current, patch, JobDraft.class), namesUser));
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
                current -> checker.check(current.withScript(source, reason), false));
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
        return changed(jobs.pause(idOrName, draft.until(), draft.reason(), caller.name()));
    }

    public Tagged<JobView> resume(String idOrName, @Nullable String reason) {
        return changed(jobs.resume(idOrName, reason, caller.name()));
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
