package io.asyncjobs.platform.problem;

import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** Problems as pages for people; a port carried out by the package that makes pages. */
public interface ProblemPages {

    /** The media type of pages. */
    String MEDIA_TYPE = "text/html;charset=UTF-8";

    /** The problem as HTML; empty where the request asked for no page. Does not block. */
    Optional<String> page(RoutingContext request, Problem problem);
}
