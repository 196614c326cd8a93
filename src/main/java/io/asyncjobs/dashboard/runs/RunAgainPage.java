package io.asyncjobs.dashboard.runs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.form.Forms;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.run.history.RunDraft;
import io.asyncjobs.run.history.RunOperations;
import io.asyncjobs.run.history.RunView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Runs what a run ran once more: the same revision, with its parameters or with others for this once. */
@Path("/admin/support/async-jobs/{id}/runs/{run: [0-9a-fA-F-]{36}}/again")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class RunAgainPage {

    private static final String PARAMETERS = "parameters";

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance runAgain(Shell shell, RunRow row, FormFields form);
    }

    private final Shells shells;
    private final Forms forms;
    private final StrictJson strict;
    private final PrettyJson json;
    private final RunFinder finder;
    private final RunOperations runs;

    RunAgainPage(Shells shells, Forms forms, StrictJson strict, PrettyJson json, RunFinder finder, RunOperations runs) {
        this.shells = shells;
        this.forms = forms;
        this.strict = strict;
        this.json = json;
        this.finder = finder;
        this.runs = runs;
    }

    @GET
    public TemplateInstance show(@PathParam("id") UUID job, @PathParam("run") UUID id) {
        RunView run = finder.run(job, id);
        return page(run, form(run));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response start(@PathParam("id") UUID job, @PathParam("run") UUID id, MultivaluedMap<String, String> fields) {
        RunView run = finder.run(job, id);
        TypedForm typed = new TypedForm(fields);
        if (!fields.containsKey(PARAMETERS) && run.parametersOverridden()) {
            typed.with(PARAMETERS, String.valueOf(run.parameters()));
        }
        try {
            return RunPage.done(runs.start(job.toString(), draft(run, typed)), Notice.STARTED);
        } catch (InvalidException e) {
            List<Violation> all = new ArrayList<>(e.violations());
            forms.requireReason(typed, all);
            return again(run, typed, e, new InvalidException(all));
        } catch (RefusedException | UnavailableException e) {
            return again(run, typed, e, e);
        }
    }

    private RunDraft draft(RunView run, TypedForm typed) {
        List<Violation> violations = new ArrayList<>();
        ObjectNode draft =
                typed.texts("reason").trees(strict, violations, PARAMETERS).json();
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        return forms.draft(draft.put("revision", run.revision()), RunDraft.class);
    }

    private FormFields form(RunView run) {
        FormFields form = forms.fresh("run", RunDraft.class);
        return run.parameters() == null ? form : form.with(PARAMETERS, json.of(json.read(run.parameters())));
    }

    private Response again(RunView run, TypedForm typed, DomainException failure, DomainException shown) {
        return forms.answer(failure, page(run, forms.refused(form(run), typed, shown)));
    }

    private TemplateInstance page(RunView run, FormFields form) {
        return Templates.runAgain(shells.of(Shell.Section.JOBS), RunRow.of(run, json), form);
    }
}
