package io.asyncjobs.platform.openapi;

import io.asyncjobs.platform.shape.FieldShape;
import io.asyncjobs.platform.shape.RecordShape;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;

/**
 * Makes the schemas say what the records and the wire hold, so that a client generated from them needs no patch.
 *
 * <ul>
 *   <li>An answer has all its fields. A request needs those that {@link RecordShape} calls required, and takes no others.
 *   <li>Names are for readers: {@code Job}, {@code JobPage}, {@code JobPatch}, not {@code PageViewJobSummary}.
 *   <li>Every number and text is bounded; words that recur are explained by {@link Vocabulary}.
 *   <li>ETag, Location and If-Match are where the service sends and wants them.
 * </ul>
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class DocumentSchemas implements OASFilter {

    private static final DotName SCHEMA =
            DotName.createSimple(org.eclipse.microprofile.openapi.annotations.media.Schema.class);

    /** The names of the classes by those of their schemas. */
    private final Map<String, String> records = new HashMap<>();

    public DocumentSchemas(IndexView index) {
        for (ClassInfo type : index.getKnownClasses()) {
            // Only these: other records may have the same simple name
            if (type.isRecord() && type.hasDeclaredAnnotation(SCHEMA)) {
                records.put(schemaName(type), type.name().toString());
            }
        }
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getPaths() == null) {
            return;
        }
        Components components = document.getComponents();
        addPatches(document);
        DocumentWalk.walk(document, (field, schema) -> ScannedSchemas.straighten(schema));
        ScannedSchemas.nameEnumerations(components);
        splitByDirection(document);
        Set<String> answered = DocumentWalk.reachable(components, DocumentWalk.answers(document));
        Set<String> asked = DocumentWalk.reachable(components, DocumentWalk.requests(document));
        complete(components, answered, asked);
        DocumentWalk.operations(document).forEach(SchemaBounds::completeParameters);
        SchemaBounds bounds = new SchemaBounds(new Vocabulary(
                asked.stream().filter(records::containsKey).map(this::shapeOf).toList()));
        DocumentWalk.walk(document, bounds::bound);
        SchemaNames.rename(document);
        SchemaNames.keepOnly(
                components,
                DocumentWalk.reachable(
                        components, Stream.concat(DocumentWalk.answers(document), DocumentWalk.requests(document))));
        DocumentHeaders.addTo(document);
    }

    private void complete(Components components, Set<String> answered, Set<String> asked) {
        components.getSchemas().forEach((name, schema) -> {
            String of = name.startsWith("PageView") ? "PageView" : name;
            if (!records.containsKey(of)) {
                if (schema.getProperties() != null && answered.contains(name)) {
                    throw new IllegalStateException("The record behind the schema " + name + " needs @Schema");
                }
            } else if (answered.contains(name)) {
                completeAnswer(schema, shapeOf(of));
            } else if (asked.contains(name)) {
                completeRequest(schema, shapeOf(of));
            }
        });
    }

    private static String schemaName(ClassInfo type) {
        AnnotationValue name = type.declaredAnnotation(SCHEMA).value("name");
        return name == null ? type.simpleName() : name.asString();
    }

    private RecordShape shapeOf(String schema) {
        String name = Objects.requireNonNull(records.get(schema), schema);
        try {
            return RecordShape.of(Class.forName(name, false, DocumentSchemas.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("The record " + name + " is indexed and cannot be loaded", e);
        }
    }

    /** A merge patch of what PUT replaces: the same fields, none of them needed. */
    private void addPatches(OpenAPI document) {
        document.getPaths().getPathItems().values().forEach(path -> {
            if (path.getPATCH() == null || path.getPUT() == null) {
                return;
            }
            Schema put = Objects.requireNonNull(
                    DocumentWalk.schemasOf(path.getPUT().getRequestBody().getContent())
                            .getFirst());
            String draftName = DocumentWalk.nameOf(Objects.requireNonNull(put.getRef()));
            String name = draftName.replaceFirst("Draft$", "") + "Patch";
            Schema draft =
                    Objects.requireNonNull(document.getComponents().getSchemas().get(draftName));
            Set<String> needed = shapeOf(draftName).required();
            Schema patch = OASFactory.createSchema()
                    .addType(SchemaType.OBJECT)
                    .description("What is to change (RFC 7396): a field that is not sent stays as it is, one that is"
                            + " null takes its default")
                    .additionalPropertiesBoolean(false);
            draft.getProperties().forEach((field, schema) -> {
                Schema copy = Schemas.copyOf(schema);
                copy.setDefaultValue(null);
                patch.addProperty(field, needed.contains(field) ? copy : Schemas.nullable(copy));
            });
            document.getComponents().addSchema(name, patch);
            path.getPATCH()
                    .getRequestBody()
                    .getContent()
                    .getMediaTypes()
                    .values()
                    .forEach(media -> media.setSchema(OASFactory.createSchema().ref(DocumentWalk.REF + name)));
        });
    }

    /** What is asked for and answered in one shape needs two schemas: an answer has all of it, a request need not. */
    private void splitByDirection(OpenAPI document) {
        Components components = document.getComponents();
        Set<String> answered = DocumentWalk.reachable(components, DocumentWalk.answers(document));
        Set<String> asked = DocumentWalk.reachable(components, DocumentWalk.requests(document));
        Map<String, String> drafts = new HashMap<>();
        asked.stream()
                .filter(name -> answered.contains(name) && records.containsKey(name))
                .forEach(name -> drafts.put(name, name + "Draft"));
        drafts.forEach((name, draft) -> {
            components.addSchema(
                    draft,
                    Schemas.copyOf(
                            Objects.requireNonNull(components.getSchemas().get(name))));
            records.put(draft, Objects.requireNonNull(records.get(name)));
        });
        Stream<Schema> ofRequests = Stream.concat(
                components.getSchemas().entrySet().stream()
                        .filter(schema -> drafts.containsValue(schema.getKey())
                                || (asked.contains(schema.getKey()) && !answered.contains(schema.getKey())))
                        .map(Map.Entry::getValue),
                DocumentWalk.requests(document));
        Set<Schema> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        ofRequests.forEach(root -> DocumentWalk.walk(null, root, seen, (field, schema) -> {
            String draft = schema.getRef() == null ? null : drafts.get(DocumentWalk.nameOf(schema.getRef()));
            if (draft != null) {
                schema.setRef(DocumentWalk.REF + draft);
            }
        }));
    }

    private static void completeAnswer(Schema schema, RecordShape shape) {
        Map<String, Schema> properties = new LinkedHashMap<>(schema.getProperties());
        Set<String> required = new LinkedHashSet<>(properties.keySet());
        for (FieldShape field : shape.fields()) {
            if (field.marks().leftOut()) {
                required.remove(field.name());
            } else if (field.nullable()) {
                properties.computeIfPresent(field.name(), (name, property) -> Schemas.nullable(property));
            }
        }
        schema.setProperties(properties);
        schema.setRequired(List.copyOf(required));
    }

    private static void completeRequest(Schema schema, RecordShape shape) {
        Map<String, Schema> properties = new LinkedHashMap<>(schema.getProperties());
        for (FieldShape field : shape.fields()) {
            if (field.nullable()) {
                properties.computeIfPresent(field.name(), (name, property) -> Schemas.nullable(property));
            }
        }
        // By name, so that the document stays the same when components are moved
        List<String> required = shape.required().stream()
                .filter(properties::containsKey)
                .sorted()
                .toList();
        schema.setProperties(properties);
        schema.setRequired(required.isEmpty() ? null : required);
        schema.setAdditionalPropertiesBoolean(false);
    }
}
