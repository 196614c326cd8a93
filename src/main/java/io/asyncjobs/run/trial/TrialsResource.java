package io.asyncjobs.run.trial;

import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Trials over HTTP. */
@Path("/api/v1/trials")
@Tag(name = "scripts")
public class TrialsResource {

    private final Trials trials;

    TrialsResource(Trials trials) {
        this.trials = trials;
    }

    @POST
    @Blocking
    @Operation(
            operationId = "tryScript",
            summary = "Try a script",
            description =
                    "Runs a script once, at once, and answers when it has ended. What it reads is real; what it would"
                            + " change is listed as effects and not carried out. Nothing is stored.")
    public CompletionStage<TrialView> tryScript(TrialDraft draft) {
        return trials.start(draft);
    }
}
