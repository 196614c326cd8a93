package io.asyncjobs.platform.openapi;

import io.asyncjobs.platform.problem.Problem;
import io.asyncjobs.platform.problem.ProblemKind;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.responses.APIResponses;

/**
 * Gives every operation the problems it can answer, by what it takes; what an operation declares itself stays. A
 * resource needs to name only what is special to it.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class ProblemResponses implements OASFilter {

    private static final String PREFIX = "Problem";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getPaths() == null) {
            return;
        }
        Set<ProblemKind> used = new TreeSet<>();
        document.getPaths().getPathItems().values().forEach(path -> path.getOperations()
                .forEach((method, operation) -> complete(path, method, operation, used)));
        used.forEach(kind -> document.getComponents().addResponse(PREFIX + kind.status(), response(kind)));
        document.getComponents().addResponse(PREFIX, response("Any other problem, described in docs/problems.md"));
    }

    private static void complete(
            PathItem path, PathItem.HttpMethod method, Operation operation, Set<ProblemKind> used) {
        APIResponses responses = operation.getResponses();
        for (ProblemKind kind : kindsOf(path, method, operation)) {
            String status = Integer.toString(kind.status());
            if (!responses.hasAPIResponse(status)) {
                responses.addAPIResponse(
                        status, OASFactory.createAPIResponse().ref("#/components/responses/" + PREFIX + kind.status()));
                used.add(kind);
            }
        }
        if (responses.getDefaultValue() == null) {
            responses.setDefaultValue(OASFactory.createAPIResponse().ref("#/components/responses/" + PREFIX));
        }
    }

    private static Set<ProblemKind> kindsOf(PathItem path, PathItem.HttpMethod method, Operation operation) {
        Set<ProblemKind> kinds = new TreeSet<>(Set.of(
                ProblemKind.MALFORMED, ProblemKind.UNAUTHENTICATED, ProblemKind.FORBIDDEN, ProblemKind.INTERNAL));
        List<Parameter> parameters = new ArrayList<>(Objects.requireNonNullElse(operation.getParameters(), List.of()));
        parameters.addAll(Objects.requireNonNullElse(path.getParameters(), List.of()));
        for (Parameter parameter : parameters) {
            switch (parameter.getIn()) {
                case PATH -> kinds.add(ProblemKind.UNKNOWN);
                case HEADER -> {
                    if ("If-Match".equals(parameter.getName())) {
                        kinds.add(ProblemKind.STALE);
                        if (Boolean.TRUE.equals(parameter.getRequired())) {
                            kinds.add(ProblemKind.PRECONDITION_MISSING);
                        }
                    }
                }
                default -> {}
            }
        }
        if (operation.getRequestBody() != null) {
            kinds.addAll(Set.of(ProblemKind.TOO_LARGE, ProblemKind.UNSUPPORTED_MEDIA_TYPE, ProblemKind.INVALID));
        }
        if (method != PathItem.HttpMethod.GET && method != PathItem.HttpMethod.HEAD) {
            kinds.add(ProblemKind.REFUSED);
        }
        return kinds;
    }

    private static APIResponse response(ProblemKind kind) {
        APIResponse response = response(kind.title());
        if (kind == ProblemKind.UNAUTHENTICATED) {
            response.addHeader(
                    "WWW-Authenticate",
                    OASFactory.createHeader()
                            .description("How to authenticate")
                            .schema(OASFactory.createSchema()
                                    .addType(Schema.SchemaType.STRING)
                                    .pattern("^Bearer")
                                    .maxLength(100)));
        }
        return response;
    }

    private static APIResponse response(String description) {
        return OASFactory.createAPIResponse()
                .description(description)
                .content(OASFactory.createContent()
                        .addMediaType(
                                Problem.MEDIA_TYPE,
                                OASFactory.createMediaType()
                                        .schema(OASFactory.createSchema().ref("#/components/schemas/Problem"))));
    }
}
