package io.asyncjobs.platform.openapi;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Finds the operations and schemas of a document. */
final class DocumentWalk {

    /** Stands before the name of a component in a reference to it. */
    static final String REF = "#/components/schemas/";

    private DocumentWalk() {}

    static Stream<Operation> operations(OpenAPI document) {
        return document.getPaths().getPathItems().values().stream()
                .map(PathItem::getOperations)
                .map(Map::values)
                .flatMap(Collection::stream);
    }

    static Stream<Schema> answers(OpenAPI document) {
        return operations(document)
                .flatMap(operation -> operation.getResponses().getAPIResponses().values().stream())
                .flatMap(response -> schemasOf(response.getContent()).stream());
    }

    static Stream<Schema> requests(OpenAPI document) {
        return operations(document)
                .flatMap(operation -> Stream.concat(
                        operation.getRequestBody() == null
                                ? Stream.of()
                                : schemasOf(operation.getRequestBody().getContent()).stream(),
                        Objects.requireNonNullElse(operation.getParameters(), List.<Parameter>of()).stream()
                                .map(Parameter::getSchema)
                                .filter(Objects::nonNull)));
    }

    static List<Schema> schemasOf(@Nullable Content content) {
        return content == null || content.getMediaTypes() == null
                ? List.of()
                : content.getMediaTypes().values().stream()
                        .map(media -> media.getSchema())
                        .filter(Objects::nonNull)
                        .toList();
    }

    static String nameOf(String ref) {
        return ref.substring(ref.lastIndexOf('/') + 1);
    }

    /** The names of the component schemas that those lead to. */
    static Set<String> reachable(Components components, Stream<Schema> roots) {
        Set<String> names = new HashSet<>();
        Deque<Schema> left = new ArrayDeque<>(roots.toList());
        while (!left.isEmpty()) {
            walk(null, left.pop(), Collections.newSetFromMap(new IdentityHashMap<>()), (field, schema) -> {
                if (schema.getRef() != null && names.add(nameOf(schema.getRef()))) {
                    Schema target = components.getSchemas().get(nameOf(schema.getRef()));
                    if (target != null) {
                        left.push(target);
                    }
                }
            });
        }
        return names;
    }

    /** Visits every schema there is, those inside others too, with the name of the field it describes if it does. */
    static void walk(OpenAPI document, BiConsumer<@Nullable String, Schema> visitor) {
        Set<Schema> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        document.getComponents().getSchemas().values().forEach(schema -> walk(null, schema, seen, visitor));
        Stream.concat(answers(document), requests(document)).forEach(schema -> walk(null, schema, seen, visitor));
    }

    static void walk(
            @Nullable String field, Schema schema, Set<Schema> seen, BiConsumer<@Nullable String, Schema> visitor) {
        if (!seen.add(schema)) {
            return;
        }
        visitor.accept(field, schema);
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, property) -> walk(name, property, seen, visitor));
        }
        Stream.of(schema.getItems(), schema.getAdditionalPropertiesSchema())
                .filter(Objects::nonNull)
                .forEach(inner -> walk(null, inner, seen, visitor));
        Stream.of(schema.getOneOf(), schema.getAnyOf(), schema.getAllOf())
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .forEach(inner -> walk(null, inner, seen, visitor));
    }
}
