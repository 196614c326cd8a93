package io.asyncjobs.dashboard.provisioning;

import io.asyncjobs.dashboard.form.Forms;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.provisioning.EnvironmentComparisons;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jboss.resteasy.reactive.server.multipart.FormValue;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/** This environment beside another one, of which a file is sent: an export or a fingerprint. */
@Path("/admin/support/provisioning/compare")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class ComparePage {

    /** What was sent, and under which name. */
    private record Sent(String name, byte[] content) {}

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        /**
         * @param compared null where nothing was compared
         * @param faults why nothing was compared
         */
        static native TemplateInstance comparison(
                Shell shell, String file, @Nullable ComparedPage compared, List<String> faults);
    }

    private final Shells shells;
    private final Forms forms;
    private final EnvironmentComparisons comparisons;

    ComparePage(Shells shells, Forms forms, EnvironmentComparisons comparisons) {
        this.shells = shells;
        this.forms = forms;
        this.comparisons = comparisons;
    }

    /** Where somebody comes back to after signing in: the file was not kept. */
    @GET
    @Consumes(MediaType.WILDCARD)
    public TemplateInstance ask() {
        return page("", null, List.of());
    }

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public Response compare(MultipartFormDataInput parts) throws IOException {
        Sent sent = sent(parts.getValues().getOrDefault("other", List.of()));
        try {
            if (sent.content().length == 0) {
                throw new InvalidException(
                        "file", "is missing. Choose an export or a fingerprint of the other environment.");
            }
            ComparedPage compared = ComparedPage.of(comparisons.inDetail(sent.content(), sent.name()));
            return Response.ok(page(sent.name(), compared, List.of())).build();
        } catch (DomainException e) {
            return forms.answer(e, page(sent.name(), null, faults(e)));
        }
    }

    private static Sent sent(Collection<FormValue> values) throws IOException {
        for (FormValue value : values) {
            if (value.isFileItem()) {
                try (InputStream content = value.getFileItem().getInputStream()) {
                    return new Sent(Objects.requireNonNullElse(value.getFileName(), ""), content.readAllBytes());
                }
            }
        }
        return new Sent("", new byte[0]);
    }

    private static List<String> faults(DomainException e) {
        return e instanceof InvalidException invalid
                ? invalid.violations().stream().map(ComparePage::text).toList()
                : List.of(Objects.toString(e.getMessage(), ""));
    }

    private static String text(Violation violation) {
        String place = violation.line() == null ? "" : "line " + violation.line() + ": ";
        return place + violation.field() + " " + violation.message();
    }

    private TemplateInstance page(String file, @Nullable ComparedPage compared, List<String> faults) {
        return Templates.comparison(shells.of(Shell.Section.PROVISIONING), file, compared, faults);
    }
}
