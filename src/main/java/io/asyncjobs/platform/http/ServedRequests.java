package io.asyncjobs.platform.http;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;

/**
 * Ties a request's visit at the {@link FrontDoor} to the work that it makes: a client that goes away does not end that, and so
 * must not make room for its next request.
 */
@Provider
@PreMatching
public class ServedRequests implements ContainerRequestFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        ResteasyReactiveRequestContext served = CurrentRequestManager.get();
        if (served != null) {
            RoutingContext routing = served.unwrap(RoutingContext.class);
            FrontDoor.served(routing);
            served.registerCompletionCallback(failure -> FrontDoor.leave(routing));
        }
    }
}
