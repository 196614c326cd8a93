package io.asyncjobs.audit;

import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.problem.MalformedException;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The audit trail over HTTP. */
@Path("/api/v1/audit")
@Tag(
        name = "audit",
        description = "Who did what, when and why, with old and new values, and the proof that it was not altered")
public class AuditResource {

    private static final String NDJSON = "application/x-ndjson";

    /** The filters of a list and of an export. */
    public static class Filters {

        @QueryParam("entityType")
        @Parameter(
                description = "Only what was done to things of that kind, job for instance",
                schema = @Schema(implementation = String.class, maxLength = 200))
        @Nullable
        String entityType;

        @QueryParam("entity")
        @Parameter(
                description = "Only what was done to the thing of that id, or of that name at that time",
                schema = @Schema(implementation = String.class, maxLength = 1000))
        @Nullable
        String entity;

        @QueryParam("actor")
        @Parameter(
                description = "Only what that user did",
                schema = @Schema(implementation = String.class, maxLength = 200))
        @Nullable
        String actor;

        @QueryParam("from")
        @Parameter(description = "Only what was done then or later")
        @Nullable
        Instant from;

        @QueryParam("to")
        @Parameter(description = "Only what was done before")
        @Nullable
        Instant to;

        @QueryParam("by")
        @Parameter(description = "Only what scripts did, or only what people and the service did")
        @Nullable
        AuditBy by;

        @QueryParam("action")
        @Parameter(
                description = "Only that action, of people and the service; not together with by=scripts",
                schema = @Schema(implementation = String.class, maxLength = 200))
        @Nullable
        String action;

        AuditFilter filter() {
            String wanted = text(action);
            if (wanted != null && by == AuditBy.SCRIPTS) {
                throw new MalformedException("action can be asked for with by=people only.");
            }
            return new AuditFilter(
                    text(entityType),
                    text(entity),
                    text(actor),
                    null,
                    null,
                    from,
                    to,
                    wanted == null ? by : AuditBy.PEOPLE,
                    wanted);
        }

        /** U+0000 is in no event, and no parameter may hold it. */
        private static @Nullable String text(@Nullable String raw) {
            return raw == null || raw.isEmpty() ? null : raw.replace('\0', '\uFFFD');
        }
    }

    private final AuditHistory history;
    private final AuditCheck check;
    private final AuditExports exports;

    AuditResource(AuditHistory history, AuditCheck check, AuditExports exports) {
        this.history = history;
        this.check = check;
        this.exports = exports;
    }

    @GET
    @Operation(
            operationId = "listAuditEvents",
            summary = "List audit events",
            description =
                    "A page of the trail, latest first unless sorted by seq. A page holds at most a mebibyte of old and new"
                            + " values: where there are more, they are left out and valuesOmitted says where they are.")
    public PageView<AuditEventView> list(
            @BeanParam Filters filters, @BeanParam PageRequest page, @BeanParam AfterParameter after) {
        return history.list(filters.filter(), page, after.seq());
    }

    @GET
    @Path("/export")
    @Produces(NDJSON)
    @Operation(
            operationId = "exportAuditEvents",
            summary = "Export audit events",
            description =
                    "All events that the filters take, in the order of the chain, a JSON object a line: the fields of a"
                            + " list and behind them id, keyId, seal and previousHash, which ./asyncjobs audit verify needs."
                            + " A node serves a few exports at a time; one that takes nothing for two minutes ends.")
    @APIResponse(
            responseCode = "200",
            description = "The events",
            content =
                    @Content(
                            mediaType = NDJSON,
                            schema = @Schema(implementation = String.class, maxLength = 2147483647)))
    public Response export(@BeanParam Filters filters, @Context RoutingContext request) {
        AuditExports.Export export = exports.begin(filters.filter(), request);
        return Response.ok((StreamingOutput) export::write, NDJSON)
                .header("Content-Disposition", "attachment; filename=\"audit.ndjson\"")
                .build();
    }

    @GET
    @Path("/verify")
    @Operation(
            operationId = "verifyAuditTrail",
            summary = "Verify the audit trail",
            description =
                    "Recomputes every hash and compares the end with this node's checkpoints. The first event that is"
                            + " altered, missing, reordered or forged is named; a fault is an answer, not an error.")
    public AuditCheckView verify() {
        return check.verify();
    }
}
