package io.asyncjobs.script;

import io.asyncjobs.platform.problem.InvalidException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Scripts without a job over HTTP. */
@Path("/api/v1/scripts")
@Tag(name = "scripts", description = "Data scripts by themselves")
public class ScriptsResource {

    private final ScriptChecker checker;

    ScriptsResource(ScriptChecker checker) {
        this.checker = checker;
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
