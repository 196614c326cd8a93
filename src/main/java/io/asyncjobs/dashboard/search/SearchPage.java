package io.asyncjobs.dashboard.search;

import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.search.Search;
import io.asyncjobs.search.SearchView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** The search over everything. */
@Path("/admin/support/search")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class SearchPage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance search(Shell shell, Asked asked);
    }

    /**
     * What was searched for, and what was found.
     *
     * @param found null where nothing was searched for, or it was refused
     * @param refusal why it was refused
     */
    public record Asked(
            String words,
            boolean revisions,
            @Nullable SearchView found,
            @Nullable String refusal) {

        /** Whether it was searched for and is nowhere. */
        public boolean isNowhere() {
            return found != null
                    && found.jobs().isEmpty()
                    && found.connections().isEmpty()
                    && found.accounts().isEmpty()
                    && found.runs().isEmpty();
        }
    }

    private final Shells shells;
    private final Search search;

    SearchPage(Shells shells, Search search) {
        this.shells = shells;
        this.search = search;
    }

    @GET
    public TemplateInstance show(
            @QueryParam("q") @DefaultValue("") String words,
            @QueryParam("revisions") @DefaultValue("false") boolean revisions) {
        return Templates.search(shells.of(null), asked(words, revisions));
    }

    private Asked asked(String words, boolean revisions) {
        if (words.isBlank()) {
            return new Asked("", revisions, null, null);
        }
        try {
            return new Asked(words, revisions, search.find(words, revisions), null);
        } catch (MalformedException e) {
            return refused(words, revisions, "Type from 2 to " + Search.LONGEST + " characters.");
        } catch (UnavailableException e) {
            return refused(words, revisions, said(e));
        }
    }

    private static String said(DomainException refusal) {
        return String.valueOf(refusal.getMessage());
    }

    private static Asked refused(String words, boolean revisions, String why) {
        return new Asked(words, revisions, null, why);
    }
}
