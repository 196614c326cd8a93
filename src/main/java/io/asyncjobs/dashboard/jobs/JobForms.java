package io.asyncjobs.dashboard.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.AccountFilter;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.dashboard.form.Editing;
import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.job.JobDraft;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobView;
import io.asyncjobs.job.RevisionView;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.JsonValue;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.text.LineEnds;
import io.asyncjobs.run.trial.TrialDraft;
import io.asyncjobs.run.trial.TrialView;
import io.asyncjobs.run.trial.Trials;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
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

    private static final Logger LOG = Logger.getLogger(JobForms.class);
    private static final String FORM = "job";
    private static final String SCRIPT = "script";
    private static final String PARAMETERS = "parameters";
    private static final String SCHEMA = "parametersSchema";

    /** The fields that others may change too. */
    private static final List<String> PATHS = List.of(
            "name",
            "description",
            SCRIPT,
            "pollIntervalSeconds",
            "timeoutSeconds",
            "associatedUser",
            PARAMETERS,
            SCHEMA,
            "limits.logBytes",
            "limits.resultBytes",
            "limits.stateChars",
            "limits.hostCalls");

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance jobForm(Shell shell, JobFormView view);

        static native TemplateInstance jobReview(Shell shell, JobFormView view);
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

    /** As {@link #show}, at that line of the script. */
    TemplateInstance show(Tagged<JobView> job, @Nullable Integer line) {
        return page(view(job).at(line));
    }

    /** The form of a new job with all that another one has but its name. */
    TemplateInstance copy(String job) {
        JobView other = jobs.get(job).body();
        return page(view(null)
                .with(filled(new Tagged<>(other, ""), other.parameters(), other.parametersSchema())
                        .with("name", "")));
    }

    /** The form of a new job with what an example has. */
    TemplateInstance example(String name) {
        ObjectNode draft = around.examples.draft(name);
        FormFields form = around.forms.stored(FORM, JobDraft.class, new Tagged<>(draft, ""));
        for (String standard : List.of("pollIntervalSeconds", "timeoutSeconds")) {
            form = form.value(standard).isEmpty()
                    ? form.with(
                            standard, around.forms.fresh(FORM, JobDraft.class).value(standard))
                    : form;
        }
        return page(view(null)
                .with(form.with(PARAMETERS, around.pretty.of(draft.get(PARAMETERS)))
                        .with(SCHEMA, around.pretty.of(draft.get(SCHEMA)))));
    }

    /** Saves what was typed over that state, or as a new job. */
    Response save(@Nullable Tagged<JobView> job, MultipartFormDataInput parts) {
        JobFormView view = view(job);
        Editing edit = editing(view, TypedForm.of(parts));
        return answering(view, edit, () -> {
            if (job == null) {
                JobDraft draft = around.forms.draft(draft(edit.typed()), JobDraft.class);
                return done(jobs.create(draft).body(), Notice.CREATED);
            }
            String id = job.body().id().toString();
            JobView stored = edit.save(() -> view(jobs.get(id)).form(), typed -> jobs.replace(
                            id, new JsonValue(draft(typed)), typed.etag())
                    .body());
            Integer revision = edit.typed().revision();
            if (stored.revision() == (revision == null ? job.body().revision() : revision)) {
                return done(stored, Notice.UNCHANGED);
            }
            return done(stored, edit.isMerged() ? Notice.MERGED : Notice.SAVED);
        });
    }

    /** Shows what was typed again: to be reviewed, tried, or gone on with. */
    Response goOn(Step step, @Nullable Tagged<JobView> job, MultipartFormDataInput parts) {
        JobFormView view = view(job);
        Editing edit = editing(view, TypedForm.of(parts));
        return answering(view, edit, () -> Response.ok(
                        switch (step) {
                            case REVIEW -> review(view, edit);
                            case TRY -> page(kept(view, edit).tried(trial(job, edit.typed())));
                            case FORM -> page(kept(view, edit));
                        })
                .build());
    }

    /** What was typed of a job that was deleted meanwhile, as the form of a new one. */
    Response gone(UnknownException failure, MultipartFormDataInput parts) {
        JobFormView view = view(null);
        Editing edit = editing(view, TypedForm.of(parts));
        UnknownException shown = new UnknownException(
                "The job was deleted meanwhile. What you typed is kept below; saving it creates a new job.");
        return around.forms.answer(failure, page(view.with(around.forms.refused(view.form(), edit, shown))));
    }

    private JobFormView kept(JobFormView view, Editing edit) {
        return view.with(around.forms.kept(view.form(), edit));
    }

    private TemplateInstance review(JobFormView view, Editing edit) {
        if (view.job() != null) {
            edit.mergeInto(view.form());
        }
        // Whatever would be refused on saving is said before there is anything to review
        jobs.check(new JsonValue(draft(edit.typed())));
        JobDifference difference = JobDifference.of(view.form(), edit.typed(), around.pretty);
        return Templates.jobReview(
                around.shells.of(Shell.Section.JOBS), kept(view, edit).compared(difference));
    }

    private TrialDetails trial(@Nullable Tagged<JobView> job, TypedForm typed) {
        List<Violation> violations = new ArrayList<>();
        ObjectNode candidate = typed.texts(SCRIPT, "associatedUser")
                .numbers("timeoutSeconds")
                .trees(around.json, violations, PARAMETERS)
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
    private Response answering(JobFormView view, Editing edit, Supplier<Response> answer) {
        try {
            return answer.get();
        } catch (StaleException e) {
            return again(view, edit, e, e);
        } catch (RefusedException e) {
            boolean taken = e.reason().equals("name-taken");
            Violation fault = new Violation("name", "is taken. " + e.getMessage());
            return again(view, edit, e, taken ? allFaults(view, edit, List.of(fault)) : e);
        } catch (InvalidException e) {
            return again(view, edit, e, allFaults(view, edit, e.violations()));
        } catch (UnavailableException e) {
            return again(view, edit, e, e);
        }
    }

    private Response again(JobFormView view, Editing edit, DomainException failure, DomainException shown) {
        JobView job = view.job();
        // Somebody else's save may have been merged by now
        JobFormView now = job == null ? view : view(jobs.get(job.id().toString()));
        return around.forms.answer(failure, page(now.with(around.forms.refused(now.form(), edit, shown))));
    }

    /** What was found, and whatever else would be found once that is mended. */
    private InvalidException allFaults(JobFormView view, Editing edit, List<Violation> found) {
        Set<Violation> all = new LinkedHashSet<>(found);
        List<Violation> typing = new ArrayList<>();
        ObjectNode draft = draft(edit.typed().again(), typing);
        all.addAll(typing);
        Set<String> faulty = new HashSet<>();
        all.forEach(violation -> faulty.add(violation.field()));
        JobView job = view.job();
        try {
            all.addAll(jobs.faults(new JsonValue(draft), job == null ? null : job.id(), faulty));
        } catch (UnavailableException e) {
            LOG.debug("The other fields cannot be looked at now", e);
        }
        List<Violation> said = new ArrayList<>(all);
        around.forms.requireReason(edit.typed(), said);
        return new InvalidException(said);
    }

    /** What was typed over the revision that the form was made from, with its line ends as they were there. */
    private Editing editing(JobFormView view, TypedForm typed) {
        Map<String, String> before = saved(view, typed.revision());
        for (String path : List.of(SCRIPT, "description")) {
            String stored = before.isEmpty() ? view.form().storedValue(path) : before.getOrDefault(path, "");
            typed.with(path, LineEnds.restored(typed.value(path), stored));
        }
        return new Editing(PATHS, this::same, typed, before, saved(view, typed.revision(Editing.OLDER_VERSION)));
    }

    /** The fields as they were in that revision; none where there is no such one. */
    private Map<String, String> saved(JobFormView view, @Nullable Integer revision) {
        JobView job = view.job();
        if (job == null || revision == null) {
            return Map.of();
        }
        if (revision == job.revision()) {
            return view.form().stored();
        }
        try {
            RevisionView saved = jobs.revision(job.id().toString(), revision);
            return filled(new Tagged<>(saved, ""), saved.parameters(), saved.parametersSchema())
                    .stored();
        } catch (UnknownException e) {
            return Map.of();
        }
    }

    private boolean same(String path, String a, String b) {
        return switch (path) {
            case SCRIPT, "description" -> a.equals(b);
            case PARAMETERS, SCHEMA -> canonical(path, a).equals(canonical(path, b));
            default -> a.strip().equals(b.strip());
        };
    }

    /** The same for texts of the same JSON; a text that is none is only like itself. */
    private String canonical(String path, String typed) {
        if (typed.isBlank()) {
            return path.equals(PARAMETERS) ? "{}" : "";
        }
        try {
            return around.json.parse(typed).toString();
        } catch (MalformedException | InvalidException e) {
            return typed;
        }
    }

    /** The body that the API would take. */
    private ObjectNode draft(TypedForm typed) {
        List<Violation> violations = new ArrayList<>();
        ObjectNode draft = draft(typed, violations);
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        return draft;
    }

    /** As far as it can be made of what was typed; adds what cannot. */
    private ObjectNode draft(TypedForm typed, List<Violation> violations) {
        ObjectNode draft = typed.texts("name", SCRIPT, "description", "associatedUser", "reason")
                .numbers(
                        "pollIntervalSeconds",
                        "timeoutSeconds",
                        "limits.logBytes",
                        "limits.resultBytes",
                        "limits.stateChars",
                        "limits.hostCalls")
                .trees(around.json, violations, PARAMETERS, SCHEMA)
                .json();
        for (String number : List.of("pollIntervalSeconds", "timeoutSeconds")) {
            if (typed.value(number).isBlank()) {
                violations.add(new Violation(number, "must be given"));
            }
        }
        if (!draft.has("associatedUser")) {
            draft.putNull("associatedUser");
        }
        return draft;
    }

    private JobFormView view(@Nullable Tagged<JobView> job) {
        FormFields form = job == null
                ? around.forms.fresh(FORM, JobDraft.class)
                : filled(job, job.body().parameters(), job.body().parametersSchema())
                        .tagged(job.body().revision() + " " + job.etag());
        List<String> users = around
                .accounts
                .list(new AccountFilter(true, null, null), PageRequest.of(0, PageRequest.MAX_SIZE, "username"))
                .items()
                .stream()
                .map(AccountView::username)
                .toList();
        List<Examples.Example> examples = job == null ? around.examples.all() : List.of();
        return new JobFormView(job == null ? null : job.body(), form, null, null, users, around.limits, examples, null);
    }

    private FormFields filled(Tagged<?> saved, @Nullable JsonNode parameters, @Nullable JsonNode schema) {
        return around.forms
                .stored(FORM, JobDraft.class, saved)
                .with(PARAMETERS, around.pretty.of(parameters))
                .with(SCHEMA, around.pretty.of(schema))
                .with("reason", "");
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
