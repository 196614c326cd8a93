package io.asyncjobs.dashboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.AccountFilter;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.job.JobDraft;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobView;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.JsonValue;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.run.TrialDraft;
import io.asyncjobs.run.TrialView;
import io.asyncjobs.run.Trials;
import io.asyncjobs.script.LimitsConfig;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/**
 * The form of a job, to add one and to edit one. Each button sends the whole form, so that nothing that was typed is lost,
 * and nothing but the job itself is kept on the server.
 */
@Singleton
class JobForms {

    /** What a button of the form leads to, beside saving. */
    enum Step {
        REVIEW,
        TRY,
        /** Back from the review. */
        FORM
    }

    private static final String FORM = "job";
    private static final String SCRIPT = "script";

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance jobForm(Shell shell, JobFormView view);

        static native TemplateInstance jobReview(Shell shell, JobFormView view);
    }

    /** What the form needs beside jobs. */
    @Singleton
    static class Surroundings {

        final Shells shells;
        final Forms forms;
        final PrettyJson pretty;
        final StrictJson json;
        final Accounts accounts;
        final LimitsConfig limits;

        Surroundings(
                Shells shells,
                Forms forms,
                PrettyJson pretty,
                StrictJson json,
                Accounts accounts,
                LimitsConfig limits) {
            this.shells = shells;
            this.forms = forms;
            this.pretty = pretty;
            this.json = json;
            this.accounts = accounts;
            this.limits = limits;
        }
    }

    private final Surroundings around;
    private final JobOperations jobs;
    private final Trials trials;

    JobForms(Surroundings around, JobOperations jobs, Trials trials) {
        this.around = around;
        this.jobs = jobs;
        this.trials = trials;
    }

    /** The form with what is stored; of a new job with what it takes unless said. */
    TemplateInstance show(@Nullable Tagged<JobView> job) {
        return page(view(job));
    }

    /** Saves what was typed over that state, or as a new job. */
    Response save(@Nullable Tagged<JobView> before, MultipartFormDataInput parts) {
        JobFormView view = view(before);
        TypedForm typed = typed(view, parts);
        return answering(view, typed, () -> {
            ObjectNode draft = draft(typed);
            if (before == null) {
                return done(
                        jobs.create(around.forms.draft(draft, JobDraft.class)).body(), Notice.CREATED);
            }
            JobView stored = jobs.replace(before.body().id().toString(), new JsonValue(draft), typed.etag())
                    .body();
            boolean changed = stored.revision() != before.body().revision();
            return done(stored, changed ? Notice.SAVED : Notice.UNCHANGED);
        });
    }

    /** Shows what was typed again: to be reviewed, tried, or gone on with. */
    Response goOn(Step step, @Nullable Tagged<JobView> job, MultipartFormDataInput parts) {
        JobFormView view = view(job);
        TypedForm typed = typed(view, parts);
        return answering(view, typed, () -> {
            JobFormView kept = view.with(around.forms.kept(view.form(), typed));
            return Response.ok(
                            switch (step) {
                                case REVIEW -> review(job, kept, typed);
                                case TRY -> page(kept.tried(trial(job, typed)));
                                case FORM -> page(kept);
                            })
                    .build();
        });
    }

    private TemplateInstance review(@Nullable Tagged<JobView> job, JobFormView view, TypedForm typed) {
        if (job != null && !job.etag().equals(typed.etag())) {
            throw new StaleException("The job was changed meanwhile.");
        }
        // Whatever would be refused on saving is said before there is anything to review
        jobs.check(new JsonValue(draft(typed)));
        JobDifference difference = JobDifference.of(view.form(), typed, around.pretty);
        return Templates.jobReview(around.shells.of(Shell.Section.JOBS), view.compared(difference));
    }

    private TrialDetails trial(@Nullable Tagged<JobView> job, TypedForm typed) {
        List<Violation> violations = new ArrayList<>();
        ObjectNode candidate = typed.texts(SCRIPT, "associatedUser")
                .numbers("timeoutSeconds")
                .trees(around.json, violations, "parameters")
                .json();
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        if (job != null) {
            candidate.put("job", job.body().id().toString());
        }
        TrialView trial = trials.start(around.forms.draft(candidate, TrialDraft.class), true)
                .toCompletableFuture()
                .join();
        return TrialDetails.of(trial, around.pretty);
    }

    /** The answer, or the form again with what is wrong and all that was typed. */
    private Response answering(JobFormView view, TypedForm typed, Supplier<Response> answer) {
        try {
            return answer.get();
        } catch (StaleException e) {
            return stale(view, typed, e);
        } catch (RefusedException e) {
            DomainException shown =
                    e.reason().equals("name-taken") ? new InvalidException("name", "is taken. " + e.getMessage()) : e;
            return again(view, typed, e, shown);
        } catch (InvalidException | UnavailableException e) {
            return again(view, typed, e, e);
        }
    }

    private Response again(JobFormView view, TypedForm typed, DomainException failure, DomainException shown) {
        return around.forms.answer(failure, page(view.with(around.forms.refused(view.form(), typed, shown))));
    }

    /** Both versions, and the form based on the present one, so that saving again is a decision. */
    private Response stale(JobFormView view, TypedForm typed, StaleException failure) {
        JobView job = view.job();
        JobFormView now = job == null ? view : view(jobs.get(job.id().toString()));
        JobDifference difference = JobDifference.of(now.form(), typed, around.pretty);
        return again(now.compared(difference), typed, failure, failure);
    }

    /** What was typed, with the script's line ends as they were. */
    private static TypedForm typed(JobFormView view, MultipartFormDataInput parts) {
        TypedForm typed = TypedForm.of(parts);
        return typed.with(
                SCRIPT, LineEnds.restored(typed.value(SCRIPT), view.form().storedValue(SCRIPT)));
    }

    /** The body that the API would take. */
    private ObjectNode draft(TypedForm typed) {
        List<Violation> violations = new ArrayList<>();
        ObjectNode draft = typed.texts("name", SCRIPT, "description", "associatedUser", "reason")
                .numbers(
                        "pollIntervalSeconds",
                        "timeoutSeconds",
                        "limits.logBytes",
                        "limits.resultBytes",
                        "limits.stateChars",
                        "limits.hostCalls")
                .trees(around.json, violations, "parameters", "parametersSchema")
                .json();
        for (String number : List.of("pollIntervalSeconds", "timeoutSeconds")) {
            if (typed.value(number).isBlank()) {
                violations.add(new Violation(number, "must be given"));
            }
        }
        if (!draft.has("associatedUser")) {
            draft.putNull("associatedUser");
        }
        if (!violations.isEmpty()) {
            // The other fields are looked at as well, so that all is said at once
            try {
                around.forms.draft(draft, JobDraft.class);
            } catch (InvalidException e) {
                violations.addAll(e.violations());
            }
            throw new InvalidException(violations);
        }
        return draft;
    }

    private JobFormView view(@Nullable Tagged<JobView> job) {
        FormFields form = job == null
                ? around.forms.fresh(FORM, JobDraft.class)
                : around.forms
                        .stored(FORM, JobDraft.class, job)
                        .with("parameters", around.pretty.of(job.body().parameters()))
                        .with("parametersSchema", around.pretty.of(job.body().parametersSchema()))
                        .with("reason", "");
        List<String> users = around
                .accounts
                .list(new AccountFilter(true, null, null), PageRequest.of(0, PageRequest.MAX_SIZE, "username"))
                .items()
                .stream()
                .map(AccountView::username)
                .toList();
        return new JobFormView(job == null ? null : job.body(), form, null, null, users, around.limits);
    }

    private TemplateInstance page(JobFormView view) {
        return Templates.jobForm(around.shells.of(Shell.Section.JOBS), view);
    }

    private static Response done(JobView job, Notice notice) {
        return Address.seeOther(Address.of(Shell.Section.JOBS.path() + "/" + job.id())
                        .with("done", notice.key())
                        .toString())
                .build();
    }
}
