package io.asyncjobs.dashboard.audit;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.audit.AuditCheck;
import io.asyncjobs.audit.AuditCheckView;
import io.asyncjobs.audit.AuditEventView;
import io.asyncjobs.audit.AuditHistory;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.http.PageView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The audit trail: who did what, with old and new values; its export and its check. */
@Path("/admin/support/audit")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class AuditPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance audit(
                Shell shell, AuditQuery query, ListQuery list, List<AuditRow> rows, @Nullable AuditCheckView check);
    }

    private final Shells shells;
    private final AuditHistory history;
    private final AuditCheck check;
    private final ObjectMapper json;

    AuditPage(Shells shells, AuditHistory history, AuditCheck check, ObjectMapper json) {
        this.shells = shells;
        this.history = history;
        this.check = check;
        this.json = json;
    }

    @GET
    public Response list(@BeanParam AuditQuery query) {
        return Response.status(query.faulty() ? 400 : 200)
                .entity(page(query, null))
                .build();
    }

    /** By POST, since it reads the whole trail: no link and no reload does it unasked. */
    @POST
    @Path("/verify")
    public TemplateInstance verify(@BeanParam AuditQuery query) {
        return page(query, check.verify());
    }

    private TemplateInstance page(AuditQuery query, @Nullable AuditCheckView checked) {
        PageView<AuditEventView> shown =
                query.faulty() ? PageView.of(query.page, List.of(), 0) : history.list(query.filter(), query.page);
        return Templates.audit(
                shells.of(Shell.Section.AUDIT),
                query,
                ListQuery.of(query.address(), query.sort, shown),
                shown.items().stream()
                        .map(event -> new AuditRow(event, AuditChange.of(json, event.before(), event.after())))
                        .toList(),
                checked);
    }
}
