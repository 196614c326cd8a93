package io.asyncjobs.dashboard.shell;

import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.PausedJobsView;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.EnvironmentConfig;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes what stands around pages. */
@Singleton
public class Shells {

    private static final String OFF = Shells.class.getName() + ".off";
    private static final List<String> VERSIONED =
            List.of("app.css", "app.js", "live.js", "sign-in.js", "job.css", "job.js", "jobs.css", "form.css");

    private final EnvironmentConfig environment;
    private final SecurityIdentity identity;
    private final CurrentVertxRequest request;
    private final DatabaseClock clock;
    private final JobOperations jobs;
    private final String version = version();

    Shells(
            EnvironmentConfig environment,
            SecurityIdentity identity,
            CurrentVertxRequest request,
            DatabaseClock clock,
            JobOperations jobs) {
        this.clock = clock;
        this.jobs = jobs;
        this.environment = environment;
        this.identity = identity;
        this.request = request;
    }

    /** Around a page of that section, or of none, for the request that is going on; with the notice that its address names. */
    public Shell of(Shell.@Nullable Section section) {
        PausedJobsView paused = jobs.paused();
        return shell(
                section,
                identity.getPrincipal().getName(),
                Notice.of(request.getCurrent().request().getParam("done")),
                paused.isMost() ? paused : null,
                isOff(request.getCurrent()));
    }

    /** Who is signed in. */
    String user() {
        return identity.getPrincipal().getName();
    }

    /** Around a page that belongs to no section. */
    Shell beside(@Nullable String user) {
        return shell(null, user, null, null, false);
    }

    /** Around the answer to a request that may have come to no page, outside of its context. */
    Shell beside(@Nullable String user, RoutingContext asked) {
        return shell(null, user, null, null, isOff(asked));
    }

    /** Says that the component is switched off, to whatever answers the request. */
    static void markOff(RoutingContext request) {
        request.put(OFF, true);
    }

    private static boolean isOff(RoutingContext request) {
        return Boolean.TRUE.equals(request.get(OFF));
    }

    private Shell shell(
            Shell.@Nullable Section section,
            @Nullable String user,
            @Nullable Notice notice,
            @Nullable PausedJobsView held,
            boolean off) {
        return new Shell(
                section, user, environment.name(), environment.isProduction(), version, notice, clock.now(), held, off);
    }

    /** Changes whenever one of the files does. */
    private static String version() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String file : VERSIONED) {
                try (InputStream in = Thread.currentThread()
                        .getContextClassLoader()
                        .getResourceAsStream("META-INF/resources/assets/" + file)) {
                    if (in == null) {
                        throw new IllegalStateException(file + " is missing from what was built");
                    }
                    digest.update(in.readAllBytes());
                }
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
