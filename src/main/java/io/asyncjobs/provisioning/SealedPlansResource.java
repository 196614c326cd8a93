package io.asyncjobs.provisioning;

import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Plans that wait for an approval, over HTTP. */
@Path("/api/v1/provisioning/plans")
@Tag(name = "provisioning")
@Blocking
public class SealedPlansResource {

    private static final String HASH = "The plan's hash";

    private final SealedPlans plans;

    SealedPlansResource(SealedPlans plans) {
        this.plans = plans;
    }

    @GET
    @Operation(
            operationId = "listPlans",
            summary = "List plans",
            description = "A page of the plans that were kept for an approval, latest first, without what they change."
                    + " They are kept for 90 days.")
    public PageView<SealedPlanView> list(@BeanParam PageRequest page) {
        return plans.list(page);
    }

    @GET
    @Path("/{hash}")
    @Operation(
            operationId = "getPlan",
            summary = "Read a plan",
            description = "What it changes, who planned it, and whether it is approved.")
    @APIResponse(responseCode = "200", description = "The plan")
    public SealedPlanView get(
            @PathParam("hash") @Parameter(description = HASH, schema = @Schema(maxLength = 64)) String hash) {
        return plans.get(hash);
    }

    @POST
    @Path("/{hash}/approve")
    @Operation(
            operationId = "approvePlan",
            summary = "Approve a plan",
            description =
                    "Lets the plan be applied for a time from the configuration. Who planned it cannot approve it.")
    @APIResponse(responseCode = "200", description = "The plan as it is now")
    public SealedPlanView approve(
            @PathParam("hash") @Parameter(description = HASH, schema = @Schema(maxLength = 64)) String hash,
            ApprovalDraft draft) {
        return plans.approve(hash, draft);
    }
}
