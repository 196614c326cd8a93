package io.asyncjobs.dashboard.provisioning;

import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.form.Forms;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.provisioning.ApprovalDraft;
import io.asyncjobs.provisioning.PlanView;
import io.asyncjobs.provisioning.SealedPlanView;
import io.asyncjobs.provisioning.SealedPlans;
import io.asyncjobs.security.Caller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
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
import java.util.Objects;

/** A plan with all that it changes, and its approval. */
@Path("/admin/support/provisioning/plans/{hash}")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class PlanPage {

    /** Of all that a page shows. A larger one would take the memory of others, and no reader. */
    private static final int MOST_CHARS = 2_000_000;

    private static final int MOST_OF_VALUE = 100_000;
    private static final int LEAST_OF_VALUE = 1_000;

    private static final String PATH = Shell.Section.PROVISIONING.path() + "/plans/";

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        /** @param own whether the reader planned it, and so cannot approve it */
        static native TemplateInstance plan(
                Shell shell, SealedPlanView plan, boolean own, FormFields form, ListQuery list, List<PlannedRow> rows);
    }

    private final Shells shells;
    private final Forms forms;
    private final SealedPlans plans;
    private final Caller caller;

    PlanPage(Shells shells, Forms forms, SealedPlans plans, Caller caller) {
        this.shells = shells;
        this.forms = forms;
        this.plans = plans;
        this.caller = caller;
    }

    @GET
    public TemplateInstance show(@PathParam("hash") String hash, @BeanParam PageRequest page) {
        return page(plans.get(hash), page, form());
    }

    @POST
    @Path("/approve")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response approve(@PathParam("hash") String hash, MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        try {
            plans.approve(hash, forms.draft(typed.texts("reason").json(), ApprovalDraft.class));
            return Address.seeOther(Address.of(PATH + hash)
                            .with("done", Notice.APPROVED.key())
                            .toString())
                    .build();
        } catch (InvalidException | RefusedException e) {
            FormFields refused = forms.refused(form(), typed, e);
            return forms.answer(e, page(plans.get(hash), PageRequest.of(0, PageRequest.DEFAULT_SIZE, ""), refused));
        }
    }

    private FormFields form() {
        return forms.fresh("approval", ApprovalDraft.class);
    }

    /** With less of each value the more there is before it. */
    private static List<PlannedRow> rows(List<PlanView.ChangeView> changes) {
        List<PlannedRow> rows = new ArrayList<>();
        int left = MOST_CHARS;
        for (PlanView.ChangeView change : changes) {
            PlannedRow row = PlannedRow.of(change, Math.clamp(left, LEAST_OF_VALUE, MOST_OF_VALUE));
            rows.add(row);
            left -= row.size();
        }
        return rows;
    }

    private TemplateInstance page(SealedPlanView plan, PageRequest page, FormFields form) {
        List<PlanView.ChangeView> changes = Objects.requireNonNull(plan.plan()).changes().stream()
                .filter(change -> change.action() != PlanView.Action.NONE)
                .toList();
        List<PlannedRow> rows =
                rows(changes.stream().skip(page.offset()).limit(page.size()).toList());
        Address here = Address.of(PATH + plan.hash())
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size());
        return Templates.plan(
                shells.of(Shell.Section.PROVISIONING),
                plan,
                plan.plannedBy().equals(caller.name()),
                form,
                ListQuery.of(here, "", PageView.of(page, rows, changes.size())),
                rows);
    }
}
