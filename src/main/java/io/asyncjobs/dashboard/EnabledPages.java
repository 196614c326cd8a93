package io.asyncjobs.dashboard;

import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.setting.Settings;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Hides the component where the system setting says so. */
class EnabledPages {

    private final Settings settings;

    EnabledPages(Settings settings) {
        this.settings = settings;
    }

    @ServerRequestFilter
    public void check(ContainerRequestContext request) {
        if (request.getUriInfo().getPath().startsWith("/admin/support/") && !settings.isEnabled()) {
            throw new UnknownException(
                    "The Async Job Manager is switched off in the system setting. Its jobs go on; the"
                            + " setting is changed over the API: PUT /api/v1/settings/async-job-manager.");
        }
    }
}
