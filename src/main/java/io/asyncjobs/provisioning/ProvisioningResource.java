package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Problem;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.core.Variant;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Manifests over HTTP. */
@Path("/api/v1/provisioning")
@Tag(name = "provisioning", description = "The same jobs in every environment: manifests, plans, exports, fingerprints")
public class ProvisioningResource {

    static final String YAML = "application/yaml";
    static final String ZIP = "application/zip";

    /** How many changes of a plan are something to do, also where the plan is a text. */
    static final String PENDING = "Plan-Pending";

    private static final String TEXT_YAML = "text/yaml";
    private static final String X_YAML = "application/x-yaml";
    private static final String MARKDOWN = "text/markdown";
    private static final int MAX_BODY = 5 * 1024 * 1024;
    private static final List<Variant> PLANS = Variant.mediaTypes(
                    MediaType.APPLICATION_JSON_TYPE, MediaType.TEXT_PLAIN_TYPE, new MediaType("text", "markdown"))
            .build();

    private static final List<Variant> MANIFESTS = Variant.mediaTypes(
                    new MediaType("application", "yaml"),
                    MediaType.APPLICATION_JSON_TYPE,
                    new MediaType("application", "zip"))
            .build();

    private static final List<Variant> REPORTS = Variant.mediaTypes(
                    MediaType.TEXT_HTML_TYPE, new MediaType("text", "csv"))
            .build();

    private final Provisioning provisioning;
    private final EnvironmentComparisons comparisons;
    private final ConfigurationReports reports;
    private final ObjectMapper json;

    ProvisioningResource(
            Provisioning provisioning,
            EnvironmentComparisons comparisons,
            ConfigurationReports reports,
            ObjectMapper json) {
        this.provisioning = provisioning;
        this.comparisons = comparisons;
        this.reports = reports;
        this.json = json;
    }

    @POST
    @Path("/plan")
    @Blocking
    @Consumes({YAML, TEXT_YAML, X_YAML, MediaType.APPLICATION_JSON, ZIP})
    @Produces({MediaType.APPLICATION_JSON, MediaType.TEXT_PLAIN, MARKDOWN})
    @Operation(
            operationId = "planManifest",
            summary = "Plan a manifest",
            description = "Says what an apply would change, and changes nothing. All that is wrong with the manifest is"
                    + " said in one answer, with line and column. As text or Markdown, too.")
    @APIResponse(
            responseCode = "200",
            description = "The plan",
            headers =
                    @Header(
                            name = PENDING,
                            description = "How many of the changes are something to do",
                            schema =
                                    @Schema(
                                            type = SchemaType.INTEGER,
                                            format = "int32",
                                            minimum = "0",
                                            maximum = "2147483647")),
            content = {
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = PlanView.class)),
                @Content(
                        mediaType = MediaType.TEXT_PLAIN,
                        schema = @Schema(type = SchemaType.STRING, maxLength = 20_000_000)),
                @Content(mediaType = MARKDOWN, schema = @Schema(type = SchemaType.STRING, maxLength = 20_000_000))
            })
    public Response plan(
            @HeaderParam(HttpHeaders.CONTENT_TYPE) @Parameter(hidden = true) @Nullable MediaType type,
            @Context Request request,
            @RequestBody(
                            description =
                                    "The manifest: YAML, JSON, or a zip of jobs.yaml with the files of its scripts",
                            required = true,
                            content = {
                                @Content(
                                        mediaType = MediaType.APPLICATION_JSON,
                                        schema = @Schema(type = SchemaType.OBJECT, description = "A manifest")),
                                @Content(
                                        mediaType = YAML,
                                        schema = @Schema(type = SchemaType.STRING, maxLength = MAX_BODY)),
                                @Content(
                                        mediaType = ZIP,
                                        schema =
                                                @Schema(
                                                        type = SchemaType.STRING,
                                                        format = "binary",
                                                        maxLength = MAX_BODY))
                            })
                    byte[] manifest) {
        return answer(provisioning.plan(manifest, type), request);
    }

    @POST
    @Path("/apply")
    @Blocking
    @Consumes({YAML, TEXT_YAML, X_YAML, MediaType.APPLICATION_JSON, ZIP})
    @Produces({MediaType.APPLICATION_JSON, MediaType.TEXT_PLAIN, MARKDOWN})
    @Operation(
            operationId = "applyManifest",
            summary = "Apply a manifest",
            description =
                    "Carries out the plan with that hash: all of it or nothing. Where the state or the manifest is"
                            + " another one than was planned, nothing is changed, and the answer is 409 with the plan as it is"
                            + " now.")
    @APIResponse(
            responseCode = "409",
            description = "The state or the manifest is not the one that was planned",
            content =
                    @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = OtherPlanProblem.class)))
    @APIResponse(
            responseCode = "200",
            description = "What was done",
            headers =
                    @Header(
                            name = PENDING,
                            description = "How many of the changes are something to do",
                            schema =
                                    @Schema(
                                            type = SchemaType.INTEGER,
                                            format = "int32",
                                            minimum = "0",
                                            maximum = "2147483647")),
            content = {
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = PlanView.class)),
                @Content(
                        mediaType = MediaType.TEXT_PLAIN,
                        schema = @Schema(type = SchemaType.STRING, maxLength = 20_000_000)),
                @Content(mediaType = MARKDOWN, schema = @Schema(type = SchemaType.STRING, maxLength = 20_000_000))
            })
    public Response apply(
            @HeaderParam(HttpHeaders.CONTENT_TYPE) @Parameter(hidden = true) @Nullable MediaType type,
            @QueryParam("plan")
                    @Parameter(description = "The plan's hash", required = true, schema = @Schema(maxLength = 64))
                    @Nullable
                    String plan,
            @Context Request request,
            @Context UriInfo address,
            @RequestBody(
                            description = "The manifest that was planned, byte for byte",
                            required = true,
                            content = {
                                @Content(
                                        mediaType = MediaType.APPLICATION_JSON,
                                        schema = @Schema(type = SchemaType.OBJECT, description = "A manifest")),
                                @Content(
                                        mediaType = YAML,
                                        schema = @Schema(type = SchemaType.STRING, maxLength = MAX_BODY)),
                                @Content(
                                        mediaType = ZIP,
                                        schema =
                                                @Schema(
                                                        type = SchemaType.STRING,
                                                        format = "binary",
                                                        maxLength = MAX_BODY))
                            })
                    byte[] manifest) {
        if (plan == null || plan.isBlank()) {
            throw new InvalidException("plan", "is required: the hash of the plan that is to be carried out");
        }
        Provisioning.Applied applied = provisioning.apply(manifest, type, plan);
        return applied.done()
                ? answer(applied.plan(), request)
                : Response.status(Response.Status.CONFLICT)
                        .type(Problem.MEDIA_TYPE)
                        .entity(OtherPlanProblem.of(
                                applied.plan(), "/" + address.getPath().replaceFirst("^/", "")))
                        .build();
    }

    @GET
    @Path("/export")
    @Produces({YAML, MediaType.APPLICATION_JSON, ZIP})
    @Operation(
            operationId = "exportManifest",
            summary = "Export a manifest",
            description =
                    "Accounts, connections without their secrets, and all jobs as a manifest, or only the jobs that"
                            + " the parameters take. The same content gives the same bytes.")
    @APIResponse(
            responseCode = "200",
            description = "The manifest",
            content = {
                @Content(mediaType = YAML, schema = @Schema(type = SchemaType.STRING, maxLength = 2_000_000_000)),
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(type = SchemaType.OBJECT, description = "A manifest")),
                @Content(
                        mediaType = ZIP,
                        schema = @Schema(type = SchemaType.STRING, format = "binary", maxLength = 2_000_000_000))
            })
    public Response export(
            @QueryParam("name")
                    @Parameter(description = "A part of the name, whatever its case", schema = @Schema(maxLength = 200))
                    @Nullable
                    String name,
            @QueryParam("user")
                    @Parameter(description = "The associated user's name", schema = @Schema(maxLength = 200))
                    @Nullable
                    String user,
            @QueryParam("archived")
                    @Parameter(description = "Only archived jobs, or only others; any unless given")
                    @Nullable
                    Boolean archived,
            @Context Request request) {
        Exports.Filter filter = new Exports.Filter(name, user, archived);
        Variant variant = request.selectVariant(MANIFESTS);
        String type = variant == null ? "yaml" : variant.getMediaType().getSubtype();
        return switch (type) {
            case "json" ->
                Response.ok(
                                provisioning.export(filter, manifest -> ManifestWriter.json(manifest, json)),
                                MediaType.APPLICATION_JSON)
                        .build();
            case "zip" ->
                Response.ok(provisioning.export(filter, ManifestWriter::zip), ZIP)
                        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"jobs.zip\"")
                        .build();
            default ->
                utf8(provisioning.export(filter, ManifestWriter::yaml), YAML).build();
        };
    }

    @GET
    @Path("/report")
    @Produces({MediaType.TEXT_HTML, ConfigurationReports.CSV})
    @Operation(
            operationId = "getConfigurationReport",
            summary = "Read the configuration report",
            description = "How this environment is configured, for the files of a validation: all jobs, settings,"
                    + " connections without their secrets, accounts that jobs use, the fingerprint and the head of the"
                    + " audit trail, as they were at one instant. As HTML that can be printed, or as a table. The same"
                    + " content gives the same bytes but for the time.")
    @APIResponse(
            responseCode = "200",
            description = "The report",
            content = {
                @Content(
                        mediaType = MediaType.TEXT_HTML,
                        schema = @Schema(type = SchemaType.STRING, maxLength = 2_000_000_000)),
                @Content(
                        mediaType = ConfigurationReports.CSV,
                        schema = @Schema(type = SchemaType.STRING, maxLength = 2_000_000_000))
            })
    public Response report(@Context Request request) {
        Variant variant = request.selectVariant(REPORTS);
        return variant != null && variant.getMediaType().getSubtype().equals("csv") ? reports.csv() : reports.html();
    }

    @GET
    @Path("/fingerprint")
    @Operation(
            operationId = "getFingerprint",
            summary = "Read the fingerprint",
            description = "One SHA-256 over all active jobs, and below it the digests of each job and of each of its"
                    + " fields. Two environments with the same fingerprint run the same.")
    public FingerprintView fingerprint() {
        return provisioning.fingerprint();
    }

    @POST
    @Path("/compare")
    @Blocking
    @Consumes({YAML, TEXT_YAML, X_YAML, MediaType.APPLICATION_JSON, ZIP})
    @Operation(
            operationId = "compareEnvironments",
            summary = "Compare with another environment",
            description = "Takes the fingerprint of another environment, or an export of it, and says which active jobs"
                    + " differ, are missing here, or are only here, and in which fields. With an export it also says"
                    + " where two scripts differ only in what cannot be seen.")
    public ComparisonView compare(
            @HeaderParam(HttpHeaders.CONTENT_TYPE) @Parameter(hidden = true) @Nullable MediaType type,
            @RequestBody(
                            description = "The other environment's fingerprint or export",
                            required = true,
                            content = {
                                @Content(
                                        mediaType = MediaType.APPLICATION_JSON,
                                        schema = @Schema(implementation = FingerprintView.class)),
                                @Content(
                                        mediaType = YAML,
                                        schema = @Schema(type = SchemaType.STRING, maxLength = MAX_BODY)),
                                @Content(
                                        mediaType = ZIP,
                                        schema =
                                                @Schema(
                                                        type = SchemaType.STRING,
                                                        format = "binary",
                                                        maxLength = MAX_BODY))
                            })
                    byte[] other) {
        return comparisons.compare(other, type);
    }

    private static Response answer(PlanView plan, Request request) {
        Variant variant = request.selectVariant(PLANS);
        String type = variant == null ? "json" : variant.getMediaType().getSubtype();
        Response.ResponseBuilder answer =
                switch (type) {
                    case "plain" -> utf8(PlanTexts.text(plan).getBytes(StandardCharsets.UTF_8), MediaType.TEXT_PLAIN);
                    case "markdown" -> utf8(PlanTexts.markdown(plan).getBytes(StandardCharsets.UTF_8), MARKDOWN);
                    default -> Response.ok(plan, MediaType.APPLICATION_JSON_TYPE);
                };
        // For programs that want a text for people
        return answer.header(PENDING, plan.pending()).build();
    }

    private static Response.ResponseBuilder utf8(byte[] text, String type) {
        return Response.ok(text, type + ";charset=UTF-8");
    }
}
