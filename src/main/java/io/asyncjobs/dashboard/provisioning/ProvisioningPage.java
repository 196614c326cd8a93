package io.asyncjobs.dashboard.provisioning;

import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.provisioning.SealedPlanView;
import io.asyncjobs.provisioning.SealedPlans;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** Plans that wait for an approval, the form that compares environments, and the downloads. */
@Path("/admin/support/provisioning")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class ProvisioningPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance provisioning(
                Shell shell, boolean approvalRequired, ListQuery list, List<SealedPlanView> plans);
    }

    private final Shells shells;
    private final SealedPlans plans;

    ProvisioningPage(Shells shells, SealedPlans plans) {
        this.shells = shells;
        this.plans = plans;
    }

    @GET
    public TemplateInstance show(@BeanParam PageRequest page) {
        PageView<SealedPlanView> shown = plans.list(page);
        Address here = Address.of(Shell.Section.PROVISIONING.path())
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size());
        return Templates.provisioning(
                shells.of(Shell.Section.PROVISIONING),
                plans.isRequired(),
                ListQuery.of(here, "", shown),
                shown.items());
    }
}
