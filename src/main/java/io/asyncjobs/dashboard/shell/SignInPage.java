package io.asyncjobs.dashboard.shell;

import io.asyncjobs.audit.SignInFailures;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.security.Roles;
import io.asyncjobs.security.SessionCookie;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.quarkus.smallrye.jwt.runtime.auth.JsonWebTokenCredential;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.server.multipart.FormValue;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/** Signing in with a token, which a cookie then keeps until it expires, and signing out. */
@Path("/admin")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class SignInPage {

    private static final String PATH = "/admin/sign-in";
    private static final String HOME = Shell.Section.JOBS.path();
    private static final Pattern SPACE = Pattern.compile("^\\s*Bearer\\s+|\\s+", Pattern.CASE_INSENSITIVE);
    private static final Pattern HERE = Pattern.compile("/admin/support/[!-~&&[^\\\\]]*");

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance signIn(Shell shell, String next, @Nullable String error, KeptForm kept);
    }

    private final Shells shells;
    private final IdentityProviderManager identities;
    private final SignInFailures failures;
    private final DatabaseClock clock;
    private final HttpServerRequest request;

    SignInPage(
            Shells shells,
            IdentityProviderManager identities,
            SignInFailures failures,
            DatabaseClock clock,
            HttpServerRequest request) {
        this.shells = shells;
        this.identities = identities;
        this.failures = failures;
        this.clock = clock;
        this.request = request;
    }

    /** The form; {@code next} is where to go then, {@code error} why the last try failed, {@code kept} what goes along. */
    static TemplateInstance form(Shell shell, String next, @Nullable String error, KeptForm kept) {
        return Templates.signIn(shell, isHere(next) ? next : HOME, error, kept);
    }

    @GET
    @Path("/sign-in")
    public TemplateInstance ask(@QueryParam("next") @Nullable String next) {
        return form(shells.beside(null), next == null ? HOME : next, null, KeptForm.NONE);
    }

    @POST
    @Path("/sign-in")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response signIn(@RestForm @Nullable String token, @RestForm @Nullable String next) {
        return signIn(token, next == null || !isHere(next) ? HOME : next, KeptForm.NONE);
    }

    /** With what was typed into a form before, which goes on to where it is shown again. */
    @POST
    @Path("/sign-in")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public Response signInWithAForm(MultipartFormDataInput parts) {
        String next = text(parts, "next");
        boolean secretLeftOut = !text(parts, "secretLeftOut").isEmpty();
        KeptForm kept = KeptForm.again(next, secretLeftOut, TypedForm.of(parts));
        return signIn(text(parts, "token"), isHere(next) && kept.isEmpty() ? next : HOME, kept);
    }

    private static String text(MultipartFormDataInput parts, String name) {
        return parts.getValues().getOrDefault(name, List.of()).stream()
                .filter(part -> !part.isFileItem())
                .map(FormValue::getValue)
                .findFirst()
                .orElse("");
    }

    private Response signIn(@Nullable String token, String target, KeptForm kept) {
        String pasted = SPACE.matcher(token == null ? "" : token).replaceAll("");
        if (pasted.isEmpty()) {
            return refused(401, target, "Paste a token.", kept);
        }
        if (pasted.length() > SessionCookie.MAX_TOKEN) {
            return refused(
                    401,
                    target,
                    "This token is %d characters long; a browser keeps none of more than %d."
                            .formatted(pasted.length(), SessionCookie.MAX_TOKEN),
                    kept);
        }
        SecurityIdentity identity;
        try {
            identity =
                    identities.authenticateBlocking(new TokenAuthenticationRequest(new JsonWebTokenCredential(pasted)));
        } catch (AuthenticationFailedException e) {
            failures.failed(e, PATH);
            return refused(401, target, "This token is not valid here, or has expired. Get a new one.", kept);
        }
        if (!identity.hasRole(Roles.SUPERADMIN)) {
            failures.lacksRole(identity, PATH);
            return refused(403, target, "This token's user does not have the role superadmin.", kept);
        }
        if (!(identity.getPrincipal() instanceof JsonWebToken valid)) {
            throw new IllegalStateException("A token makes an identity that has none");
        }
        Duration left = Duration.between(clock.now(), Instant.ofEpochSecond(valid.getExpirationTime()));
        NewCookie cookie = SessionCookie.keep(pasted, left.isNegative() ? Duration.ZERO : left, isSecure());
        // The form is sent once more, by the browser: what was typed never waits on the server
        return (kept.isEmpty() ? Address.seeOther(target) : Address.sendAgain(kept.target()))
                .cookie(cookie)
                .build();
    }

    @POST
    @Path("/sign-out")
    public Response signOut() {
        return Address.seeOther(PATH).cookie(SessionCookie.forget(isSecure())).build();
    }

    private Response refused(int status, String next, String error, KeptForm kept) {
        return Response.status(status)
                .entity(form(shells.beside(null), next, error, kept))
                .build();
    }

    /** Nobody is led to another site from here. */
    private static boolean isHere(String next) {
        return HERE.matcher(next).matches();
    }

    private boolean isSecure() {
        return request.isSSL() || "https".equals(request.scheme());
    }
}
