package io.asyncjobs.platform.openapi;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** Puts ETag and Location where the service sends them. */
final class DocumentHeaders {

    private DocumentHeaders() {}

    static void addTo(OpenAPI document) {
        document.getComponents()
                .addHeader(
                        "ETag",
                        OASFactory.createHeader()
                                .description("Names this state, for If-Match and If-None-Match")
                                .required(true)
                                .schema(OASFactory.createSchema()
                                        .addType(SchemaType.STRING)
                                        .maxLength(100)
                                        .pattern("^\"[!#-~]*\"$")
                                        .addExample("\"0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f.1\"")));
        document.getComponents()
                .addHeader(
                        "Location",
                        OASFactory.createHeader()
                                .description("Where it is found")
                                .required(true)
                                .schema(OASFactory.createSchema()
                                        .addType(SchemaType.STRING)
                                        .format("uri-reference")
                                        .maxLength(4000)
                                        .addExample("/api/v1/jobs/0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f")));
        // What a conditional GET reads has an ETag, wherever it is answered
        Set<String> tagged = new HashSet<>();
        DocumentWalk.operations(document)
                .filter(operation -> takes(operation, "If-None-Match"))
                .forEach(operation -> successes(operation).forEach(response -> tagged.addAll(refsOf(response))));
        DocumentWalk.operations(document)
                .forEach(operation -> operation.getResponses().getAPIResponses().forEach((status, response) -> {
                    if (status.equals("304") || !Collections.disjoint(refsOf(response), tagged)) {
                        response.addHeader("ETag", OASFactory.createHeader().ref("ETag"));
                    }
                    if (status.equals("201")
                            || (status.equals("202")
                                    && Objects.requireNonNullElse(response.getDescription(), "")
                                            .contains("Location"))) {
                        response.addHeader("Location", OASFactory.createHeader().ref("Location"));
                    }
                }));
    }

    private static boolean takes(Operation operation, String parameter) {
        return Objects.requireNonNullElse(operation.getParameters(), List.<Parameter>of()).stream()
                .anyMatch(one -> parameter.equals(one.getName()));
    }

    private static Stream<APIResponse> successes(Operation operation) {
        return operation.getResponses().getAPIResponses().entrySet().stream()
                .filter(response -> response.getKey().startsWith("2"))
                .map(Map.Entry::getValue);
    }

    private static List<String> refsOf(APIResponse response) {
        return DocumentWalk.schemasOf(response.getContent()).stream()
                .map(Schema::getRef)
                .filter(Objects::nonNull)
                .map(DocumentWalk::nameOf)
                .toList();
    }
}
