package io.asyncjobs.dashboard.shell;

import io.asyncjobs.dashboard.form.SentAgain;
import io.asyncjobs.platform.http.SentForms;
import io.asyncjobs.platform.problem.Problem;
import io.asyncjobs.platform.problem.ProblemPages;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What went wrong, as a page for who asks for HTML; without a valid token the page to sign in, which leads on to where the reader wanted. */
@Singleton
public class ProblemPage implements ProblemPages {

    private static final int UNAUTHENTICATED = 401;
    private static final int UNKNOWN = 404;

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance problem(Shell shell, Problem problem, WayBack back, SentAgain sent);
    }

    /** Where the reader goes on from a problem. */
    public record WayBack(String path, String words) {

        private static final Pattern OF_A_JOB =
                Pattern.compile("(" + Pattern.quote(Shell.Section.JOBS.path()) + "/[0-9a-f-]{36})/.*");

        static WayBack from(Problem problem, Shell shell) {
            Matcher job = OF_A_JOB.matcher(problem.instance());
            return job.matches() && problem.status() != UNKNOWN
                    ? new WayBack(job.group(1), "the job")
                    : new WayBack(shell.home().path(), shell.home().title());
        }
    }

    private final Shells shells;

    ProblemPage(Shells shells) {
        this.shells = shells;
    }

    @Override
    public Optional<String> page(RoutingContext request, Problem problem) {
        if (!isForAPage(request)) {
            return Optional.empty();
        }
        if (problem.status() == UNAUTHENTICATED) {
            KeptForm kept = KeptForm.of(request.request().uri(), SentForms.of(request));
            return Optional.of(SignInPage.form(shells.beside(null), next(request, problem), null, kept)
                    .render());
        }
        Shell shell = shells.beside(user(request), request);
        SentAgain sent = SentAgain.of(request.request().uri(), problem.status(), SentForms.sent(request));
        return Optional.of(Templates.problem(shell, problem, WayBack.from(problem, shell), sent)
                .render());
    }

    /** Where the reader wanted to go; after a button was pressed, the page that it most likely stood on. */
    private static String next(RoutingContext request, Problem problem) {
        if (request.request().method() == HttpMethod.GET) {
            return request.request().uri();
        }
        Matcher job = WayBack.OF_A_JOB.matcher(problem.instance());
        return job.matches() ? job.group(1) : "";
    }

    /** Programs that do not ask for HTML get the problem as they get it everywhere, and so do all that call the API. */
    private static boolean isForAPage(RoutingContext request) {
        String path = request.normalizedPath();
        String accepted = request.request().getHeader(HttpHeaders.ACCEPT);
        boolean ofPrograms = path.startsWith("/api/") || path.startsWith("/q/");
        return !ofPrograms && accepted != null && accepted.contains("text/html");
    }

    private static @Nullable String user(RoutingContext request) {
        return request.user() instanceof QuarkusHttpUser user
                ? user.getSecurityIdentity().getPrincipal().getName()
                : null;
    }
}
