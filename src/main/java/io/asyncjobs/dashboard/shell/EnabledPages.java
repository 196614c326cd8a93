package io.asyncjobs.dashboard.shell;

import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.setting.Settings;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Hides the component where the system setting says so; the page on which that is undone stays. */
class EnabledPages {

    private final Settings settings;
    private final CurrentVertxRequest current;

    EnabledPages(Settings settings, CurrentVertxRequest current) {
        this.settings = settings;
        this.current = current;
    }

    @ServerRequestFilter
    public void check(ContainerRequestContext request) {
        String path = request.getUriInfo().getPath();
        if (path.startsWith("/admin/support/") && !settings.isEnabled()) {
            Shells.markOff(current.getCurrent());
            if (!path.equals(Shell.Section.ENVIRONMENT.path())) {
                throw new UnknownException("The Async Job Manager is switched off in the system setting. Its jobs go"
                        + " on; it is switched on again on the page Environment.");
            }
        }
    }
}
