package io.asyncjobs.job;

import io.asyncjobs.platform.http.EntityTags;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.json.MergePatch;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.script.ScriptSource;
import io.asyncjobs.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
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
    private final Caller caller;

    JobOperations(Jobs jobs, DraftChecker checker, JobViews views, StrictJson json, Caller caller) {
        this.jobs = jobs;
        this.checker = checker;
        this.views = views;
        this.json = json;
        this.caller = caller;
    }

    PageView<JobSummary> list(JobFilter filter, PageRequest page) {
        Jobs.Found found = jobs.list(filter, page);
        return PageView.of(page, views.summaries(found.jobs()), found.total());
    }

    TaggedJob create(JobDraft draft) {
        return tagged(jobs.create(checker.check(draft, true), caller.name()));
    }

    TaggedJob get(String idOrName) {
        return tagged(jobs.get(idOrName));
    }

    ScriptSource script(String idOrName) {
        return jobs.get(idOrName).script.toSource();
    }

    TaggedJob replace(String idOrName, JobDraft draft, @Nullable String ifMatch) {
        return tagged(jobs.replace(idOrName, checker.check(draft, true), ifMatch, caller.name()));
    }

    /** Changes what the patch names; where somebody else was faster, the client's own condition decides anew. */
    TaggedJob patch(String idOrName, MergePatch patch, @Nullable String ifMatch) {
        while (true) {
            Job current = jobs.get(idOrName);
            String tag = Jobs.tag(current);
            EntityTags.requireMatch(ifMatch, tag);
            JobDraft patched = json.patched(views.draft(current), patch, JobDraft.class);
            try {
                boolean namesUser = patch.changes().has("associatedUser");
                return tagged(jobs.replace(idOrName, checker.check(patched, namesUser), tag, caller.name()));
            } catch (StaleException e) {
                EntityTags.requireMatch(ifMatch, Jobs.tag(jobs.get(idOrName)));
            }
        }
    }

    TaggedJob setArchived(String idOrName, boolean archived, @Nullable String reason, @Nullable String ifMatch) {
        return tagged(jobs.setArchived(idOrName, archived, reason, ifMatch, caller.name()));
    }

    private TaggedJob tagged(Job job) {
        return new TaggedJob(views.whole(job), Jobs.tag(job));
    }
}
