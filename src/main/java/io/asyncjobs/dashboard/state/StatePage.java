package io.asyncjobs.dashboard.state;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.form.Forms;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.JobHead;
import io.asyncjobs.dashboard.shell.JobHeads;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.json.JsonValue;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.run.state.StateEntryView;
import io.asyncjobs.run.state.StateOperations;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** What a job's script keeps from run to run: keys and values, who set them, and how they are set by hand. */
@Path("/admin/support/async-jobs/{id}/state")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class StatePage {

    private static final String KEY = "key";
    private static final String VALUE = "value";

    /** What the form asks for. */
    record StateDraft(
            @NotBlank @Size(max = 500) String key,
            @NotBlank String value,

            @Size(max = ReasonParameter.MAX_LENGTH) @Nullable
            String reason) {}

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance state(Shell shell, JobHead head, ListQuery list, List<StateRow> rows);

        static native TemplateInstance stateForm(Shell shell, JobHead head, FormFields form, boolean known);
    }

    private final Shells shells;
    private final JobHeads heads;
    private final Forms forms;
    private final StrictJson strict;
    private final PrettyJson json;
    private final StateOperations state;

    StatePage(Shells shells, JobHeads heads, Forms forms, StrictJson strict, PrettyJson json, StateOperations state) {
        this.shells = shells;
        this.heads = heads;
        this.forms = forms;
        this.strict = strict;
        this.json = json;
        this.state = state;
    }

    @GET
    public TemplateInstance list(@PathParam("id") String id, @BeanParam PageRequest page) {
        JobHead head = heads.of(id, JobHead.Tab.STATE);
        String path = head.path() + JobHead.Tab.STATE.path();
        PageView<StateEntryView> shown = state.list(id, page);
        Address here = Address.of(path).with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size());
        return Templates.state(
                shells.of(Shell.Section.JOBS),
                head,
                ListQuery.of(here, "", shown),
                shown.items().stream()
                        .map(entry -> StateRow.of(entry, pretty(entry), path))
                        .toList());
    }

    /** The form to set a value: of that key, or of a new one. */
    @GET
    @Path("/edit")
    public TemplateInstance edit(@PathParam("id") String id, @QueryParam(KEY) @DefaultValue("") String key) {
        FormFields form = forms.fresh("state", StateDraft.class);
        if (key.isEmpty()) {
            return form(id, form, false);
        }
        return form(id, form.with(KEY, key).with(VALUE, pretty(state.get(id, key))), true);
    }

    @POST
    @Path("/edit")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response set(@PathParam("id") String id, MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        try {
            StateDraft draft = forms.draft(typed.texts(KEY, VALUE, "reason").json(), StateDraft.class);
            state.set(id, draft.key(), new JsonValue(value(draft.value())), ReasonParameter.checked(draft.reason()));
            return done(id);
        } catch (InvalidException e) {
            List<Violation> all = new ArrayList<>(e.violations());
            forms.requireReason(typed, all);
            FormFields form = forms.refused(forms.fresh("state", StateDraft.class), typed, new InvalidException(all));
            return forms.answer(e, form(id, form, !typed.value("known").isEmpty()));
        }
    }

    @POST
    @Path("/delete")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response delete(@PathParam("id") String id, @RestForm String key, @RestForm @Nullable String reason) {
        state.delete(id, key, ReasonParameter.checked(reason));
        return done(id);
    }

    private JsonNode value(String typed) {
        try {
            return strict.parse(typed);
        } catch (MalformedException e) {
            throw new InvalidException(VALUE, "must be JSON; a text stands in quotes");
        }
    }

    private String pretty(StateEntryView entry) {
        return entry.value() == null ? "" : json.of(json.read(entry.value()));
    }

    private TemplateInstance form(String id, FormFields form, boolean known) {
        return Templates.stateForm(shells.of(Shell.Section.JOBS), heads.of(id, JobHead.Tab.STATE), form, known);
    }

    private Response done(String id) {
        JobHead head = heads.of(id, JobHead.Tab.STATE);
        return Address.seeOther(Address.of(head.path() + JobHead.Tab.STATE.path())
                        .with("done", Notice.STATE_CHANGED.key())
                        .toString())
                .build();
    }
}
