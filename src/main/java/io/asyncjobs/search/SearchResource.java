package io.asyncjobs.search;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The search over everything, over HTTP. */
@Path("/api/v1/search")
@Tag(name = "search", description = "One search over jobs, scripts, connections, accounts and logs")
public class SearchResource {

    private final Search search;

    SearchResource(Search search) {
        this.search = search;
    }

    @GET
    @Operation(
            operationId = "search",
            summary = "Search everything",
            description =
                    "Finds a text, whatever its case, in names, descriptions, parameters and scripts of jobs, in connections"
                            + " and accounts, and in the logs of recent runs, with the lines that hold it. The work is"
                            + " bounded: complete says whether all jobs were looked at, logsSince which logs.")
    public SearchView search(
            @QueryParam("q")
                    @Parameter(
                            description = "The text, from 2 to 200 characters",
                            required = true,
                            schema = @Schema(implementation = String.class, minLength = 2, maxLength = Search.LONGEST))
                    @Nullable
                    String words,
            @QueryParam("revisions")
                    @Parameter(
                            description = "Whether scripts of earlier revisions are searched, too",
                            schema = @Schema(implementation = Boolean.class, defaultValue = "false"))
                    @DefaultValue("false")
                    boolean revisions) {
        return search.find(Objects.requireNonNullElse(words, ""), revisions);
    }
}
