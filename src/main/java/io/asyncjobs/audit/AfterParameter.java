package io.asyncjobs.audit;

import io.asyncjobs.platform.http.PageRequest;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Behind which event a page of the trail begins. */
public class AfterParameter {

    @QueryParam("after")
    @Parameter(
            description = PageRequest.AFTER,
            schema = @Schema(implementation = Long.class, minimum = "0", maximum = "9007199254740991"))
    @Nullable
    Long after;

    /** The seq of that event, if the page does not begin at the beginning. */
    public @Nullable Long seq() {
        return after;
    }
}
