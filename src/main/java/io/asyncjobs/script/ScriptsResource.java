package io.asyncjobs.script;

import io.asyncjobs.platform.problem.InvalidException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Scripts without a job over HTTP. */
@Path("/api/v1/scripts")
@Tag(name = "scripts", description = "Data scripts by themselves")
public class ScriptsResource {

    private static final String TYPESCRIPT = "text/plain;charset=UTF-8";

    private final ScriptChecker checker;

    ScriptsResource(ScriptChecker checker) {
        this.checker = checker;
    }

    @GET
    @Path("/asyncjobs.d.ts")
    @Produces(TYPESCRIPT)
    @Operation(
            operationId = "getScriptTypes",
            summary = "Read the declarations for editors",
            description = "TypeScript declarations of everything a data script can use.")
    @APIResponse(
            responseCode = "200",
            description = "The declarations",
            content =
                    @Content(
                            mediaType = "text/plain",
                            schema = @Schema(implementation = String.class, maxLength = 100_000)))
    public byte[] types() throws IOException {
        try (InputStream declarations = ScriptsResource.class.getResourceAsStream("asyncjobs.d.ts")) {
            return Objects.requireNonNull(declarations).readAllBytes();
        }
    }

    @POST
    @Path("/validate")
    @Operation(
            operationId = "validateScript",
            summary = "Check a script",
            description =
                    "Says whether the script parses, where it does not, and what its digests are. Nothing is stored.")
    public ScriptCheckView validate(ScriptDraft draft) {
        try {
            ScriptSource source = ScriptSource.of(draft.script());
            List<ScriptProblem> problems = checker.problems(source);
            return new ScriptCheckView(problems.isEmpty(), source.md5(), source.sha256(), problems);
        } catch (MalformedScriptException e) {
            throw new InvalidException("script", "must be Unicode text: " + e.getMessage());
        }
    }
}
