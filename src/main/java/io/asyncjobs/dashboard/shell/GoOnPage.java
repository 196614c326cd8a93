package io.asyncjobs.dashboard.shell;

import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.platform.problem.MalformedException;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/**
 * What was sent after the session had ended, by one of the small forms that have no page of their own: it is shown again and
 * sent when its reader says so.
 */
@Path(GoOnPage.PATH)
@Produces(MediaType.TEXT_HTML)
@Blocking
public class GoOnPage {

    static final String PATH = "/admin/go-on";

    private static final Pattern HERE = Pattern.compile("(/admin/support/[!-~&&[^\\\\?]]+)(\\?[!-~&&[^\\\\]]*)?");
    private static final Pattern LAST = Pattern.compile("(.*)/([a-z]+)");

    /** Of no interest to people. */
    private static final Set<String> HIDDEN = Set.of("etag");

    private static final Map<String, String> ACTIONS = Map.ofEntries(
            Map.entry("runs", "Run now"),
            Map.entry("again", "Run again"),
            Map.entry("pause", "Pause"),
            Map.entry("resume", "Resume"),
            Map.entry("archive", "Archive"),
            Map.entry("unarchive", "Unarchive"),
            Map.entry("revert", "Revert"),
            Map.entry("delete", "Delete"),
            Map.entry("cancel", "Cancel the run"),
            Map.entry("transfer", "Transfer the jobs"),
            Map.entry("environment", "Change the system setting"));

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance goOn(Shell shell, Waiting waiting);
    }

    /**
     * What waits to be sent.
     *
     * @param to where it was sent to
     * @param what it would do, in words
     * @param back the page that it was sent from, or one near it
     * @param fields all that is sent
     */
    public record Waiting(String to, String what, String back, Map<String, String> fields) {

        public Waiting {
            fields = new LinkedHashMap<>(fields);
        }

        /** The fields that people typed. */
        public Map<String, String> shown() {
            Map<String, String> shown = new LinkedHashMap<>(fields);
            shown.keySet().removeAll(HIDDEN);
            return shown;
        }
    }

    private final Shells shells;

    GoOnPage(Shells shells) {
        this.shells = shells;
    }

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public TemplateInstance show(@QueryParam("to") @Nullable String to, MultipartFormDataInput parts) {
        Matcher here = HERE.matcher(to == null ? "" : to);
        if (!here.matches()) {
            throw new MalformedException("The address to go on with must be one of this service's pages.");
        }
        String path = here.group(1);
        Matcher last = LAST.matcher(path);
        String action = last.matches() ? last.group(2) : "";
        boolean ofAPage = last.matches() && ACTIONS.containsKey(action) && !action.equals("environment");
        return Templates.goOn(
                shells.beside(shells.user()),
                new Waiting(
                        String.valueOf(to),
                        ACTIONS.getOrDefault(action, "Send"),
                        ofAPage ? last.group(1) : path,
                        TypedForm.of(parts).values()));
    }
}
