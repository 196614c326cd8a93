package io.asyncjobs.platform.openapi;

import io.asyncjobs.platform.http.HttpLimits;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.RecordComponentInfo;
import org.jspecify.annotations.Nullable;

/**
 * Makes the schemas say what the records and the wire hold, so that a client generated from them needs no patch.
 *
 * <ul>
 *   <li>An answer has all its fields; those that are {@code @Nullable} may be null. A request needs those that are
 *       neither {@code @Nullable} nor have a default, and takes no others.
 *   <li>Names are for readers: {@code Job}, {@code JobPage}, {@code JobPatch}, not {@code PageViewJobSummary}.
 *   <li>Every number and text is bounded; words that recur are explained by {@link Vocabulary}.
 *   <li>ETag, Location and If-Match are where the service sends and wants them.
 * </ul>
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class DocumentSchemas implements OASFilter {

    private static final String REF = "#/components/schemas/";
    private static final DotName NULLABLE = DotName.createSimple(Nullable.class);
    private static final DotName SCHEMA =
            DotName.createSimple(org.eclipse.microprofile.openapi.annotations.media.Schema.class);
    private static final DotName JSON_INCLUDE = DotName.createSimple("com.fasterxml.jackson.annotation.JsonInclude");

    private static final int LONGEST_ENTRY = 1_000;

    private static final DotName LIST = DotName.createSimple(List.class);

    private static final String TAGS = "(W/)?\"[!#-~]*\"";
    private static final String MATCH = "^\\s*(\\*|" + TAGS + "(\\s*,\\s*" + TAGS + ")*)\\s*$";

    /** What a JavaScript client can hold exactly. */
    private static final BigDecimal SAFE_INTEGER = BigDecimal.valueOf(9_007_199_254_740_991L);

    private final Map<String, ClassInfo> records = new HashMap<>();

    public DocumentSchemas(IndexView index) {
        for (ClassInfo type : index.getKnownClasses()) {
            // Only these: other records may have the same simple name
            if (type.isRecord() && type.hasDeclaredAnnotation(SCHEMA)) {
                records.put(schemaName(type), type);
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
        walk(document, (field, schema) -> straighten(schema));
        nameEnumerations(components);
        splitByDirection(document);
        Set<String> answered = reachable(components, answers(document));
        Set<String> asked = reachable(components, requests(document));
        components.getSchemas().forEach((name, schema) -> {
            ClassInfo type = records.get(name.startsWith("PageView") ? "PageView" : name);
            if (type == null) {
                if (schema.getProperties() != null && answered.contains(name)) {
                    throw new IllegalStateException("The record behind the schema " + name + " needs @Schema");
                }
            } else if (answered.contains(name)) {
                completeAnswer(schema, type);
            } else if (asked.contains(name)) {
                completeRequest(schema, type);
            }
        });
        operations(document).forEach(DocumentSchemas::completeParameters);
        walk(document, DocumentSchemas::bound);
        rename(document);
        keepOnly(components, reachable(components, Stream.concat(answers(document), requests(document))));
        addHeaders(document);
    }

    private static String schemaName(ClassInfo type) {
        AnnotationValue name = type.declaredAnnotation(SCHEMA).value("name");
        return name == null ? type.simpleName() : name.asString();
    }

    /** A merge patch of what PUT replaces: the same fields, none of them needed. */
    private void addPatches(OpenAPI document) {
        document.getPaths().getPathItems().values().forEach(path -> {
            if (path.getPATCH() == null || path.getPUT() == null) {
                return;
            }
            Schema put = Objects.requireNonNull(
                    schemasOf(path.getPUT().getRequestBody().getContent()).getFirst());
            String draftName = nameOf(Objects.requireNonNull(put.getRef()));
            String name = draftName.replaceFirst("Draft$", "") + "Patch";
            Schema draft =
                    Objects.requireNonNull(document.getComponents().getSchemas().get(draftName));
            Set<String> needed = needed(draft, Objects.requireNonNull(records.get(draftName)));
            Schema patch = OASFactory.createSchema()
                    .addType(SchemaType.OBJECT)
                    .description("What is to change (RFC 7396): a field that is not sent stays as it is, one that is"
                            + " null takes its default")
                    .additionalPropertiesBoolean(false);
            draft.getProperties().forEach((field, schema) -> {
                Schema copy = copyOf(schema);
                copy.setDefaultValue(null);
                patch.addProperty(field, needed.contains(field) ? copy : nullable(copy));
            });
            document.getComponents().addSchema(name, patch);
            path.getPATCH()
                    .getRequestBody()
                    .getContent()
                    .getMediaTypes()
                    .values()
                    .forEach(media -> media.setSchema(OASFactory.createSchema().ref(REF + name)));
        });
    }

    /** What is asked for and answered in one shape needs two schemas: an answer has all of it, a request need not. */
    private void splitByDirection(OpenAPI document) {
        Components components = document.getComponents();
        Set<String> answered = reachable(components, answers(document));
        Set<String> asked = reachable(components, requests(document));
        Map<String, String> drafts = new HashMap<>();
        asked.stream()
                .filter(name -> answered.contains(name) && records.containsKey(name))
                .forEach(name -> drafts.put(name, name + "Draft"));
        drafts.forEach((name, draft) -> {
            components.addSchema(
                    draft, copyOf(Objects.requireNonNull(components.getSchemas().get(name))));
            records.put(draft, Objects.requireNonNull(records.get(name)));
        });
        Stream<Schema> ofRequests = Stream.concat(
                components.getSchemas().entrySet().stream()
                        .filter(schema -> drafts.containsValue(schema.getKey())
                                || (asked.contains(schema.getKey()) && !answered.contains(schema.getKey())))
                        .map(Map.Entry::getValue),
                requests(document));
        Set<Schema> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        ofRequests.forEach(root -> walk(null, root, seen, (field, schema) -> {
            String draft = schema.getRef() == null ? null : drafts.get(nameOf(schema.getRef()));
            if (draft != null) {
                schema.setRef(REF + draft);
            }
        }));
    }

    private static Schema copyOf(Schema schema) {
        Schema copy = OASFactory.createSchema();
        schema.getAll().forEach(copy::set);
        copy.setType(schema.getType() == null ? null : new ArrayList<>(schema.getType()));
        if (schema.getProperties() != null) {
            Map<String, Schema> properties = new LinkedHashMap<>();
            schema.getProperties().forEach((name, property) -> properties.put(name, copyOf(property)));
            copy.setProperties(properties);
        }
        if (schema.getItems() != null) {
            copy.setItems(copyOf(schema.getItems()));
        }
        if (schema.getAdditionalPropertiesSchema() != null) {
            copy.setAdditionalPropertiesSchema(copyOf(schema.getAdditionalPropertiesSchema()));
        }
        if (schema.getOneOf() != null) {
            copy.setOneOf(
                    schema.getOneOf().stream().map(DocumentSchemas::copyOf).toList());
        }
        return copy;
    }

    /** Brings what the scanner says to what goes over the wire. */
    private static void straighten(Schema schema) {
        // An enum with a default comes as both of a reference and a schema with nothing but the default
        if (schema.getAllOf() != null
                && schema.getAllOf().size() == 2
                && schema.getAllOf().get(0).getRef() != null
                && schema.getAllOf().get(1).getDefaultValue() != null) {
            schema.setDefaultValue(schema.getAllOf().get(1).getDefaultValue());
            schema.setRef(schema.getAllOf().get(0).getRef());
            schema.setAllOf(null);
        }
        String ref = schema.getRef() == null ? "" : nameOf(schema.getRef());
        switch (ref) {
            case "UUID" -> {
                schema.setRef(null);
                schema.setType(List.of(SchemaType.STRING));
                schema.format("uuid").maxLength(36);
            }
            case "Instant" -> {
                schema.setRef(null);
                schema.setType(List.of(SchemaType.STRING));
                schema.format("date-time").maxLength(40);
            }
            case "" -> {}
            default -> {
                // Beside a reference only words and a default are of use
                schema.setType(null);
                schema.setExamples(null);
            }
        }
        if (schema.getEnumeration() != null) {
            // Whether there may be none is for the field to say that is of this type
            schema.setType(List.of(SchemaType.STRING));
            schema.setEnumeration(schema.getEnumeration().stream()
                    .filter(Objects::nonNull)
                    .map(constant -> (Object) constant.toString().toLowerCase(Locale.ROOT))
                    .toList());
        }
    }

    /** An enumeration without a name of its own gets one, the same for the same constants. */
    private static void nameEnumerations(Components components) {
        Map<List<Object>, String> known = new HashMap<>();
        components.getSchemas().forEach((name, schema) -> {
            if (schema.getEnumeration() != null) {
                known.put(schema.getEnumeration(), name);
            }
        });
        Map<String, Schema> added = new TreeMap<>();
        components.getSchemas().forEach((owner, schema) -> Objects.requireNonNullElse(
                        schema.getProperties(), Map.<String, Schema>of())
                .forEach((field, property) -> {
                    if (property.getEnumeration() == null) {
                        return;
                    }
                    String name = known.computeIfAbsent(
                            property.getEnumeration(),
                            constants -> owner.replaceFirst("(View|Summary)$", "")
                                    + field.substring(0, 1).toUpperCase(Locale.ROOT)
                                    + field.substring(1));
                    if (!components.getSchemas().containsKey(name)) {
                        added.put(
                                name,
                                OASFactory.createSchema()
                                        .addType(SchemaType.STRING)
                                        .enumeration(property.getEnumeration())
                                        .description(property.getDescription()));
                    }
                    property.setRef(REF + name);
                    property.setType(null);
                    property.setEnumeration(null);
                    property.setExamples(null);
                }));
        added.forEach(components::addSchema);
    }

    private static void completeAnswer(Schema schema, ClassInfo type) {
        boolean leavesOut = type.declaredAnnotation(JSON_INCLUDE) != null;
        Map<String, Schema> properties = new LinkedHashMap<>(schema.getProperties());
        Set<String> required = new LinkedHashSet<>(properties.keySet());
        for (RecordComponentInfo component : type.recordComponents()) {
            boolean list = component.type().name().equals(LIST);
            boolean leftOut = leavesOut || component.field().annotation(JSON_INCLUDE) != null;
            if (leftOut && (list || isNullable(component))) {
                required.remove(component.name());
            } else if (isNullable(component)) {
                properties.computeIfPresent(component.name(), (name, property) -> nullable(property));
            }
        }
        schema.setProperties(properties);
        schema.setRequired(List.copyOf(required));
    }

    private static void completeRequest(Schema schema, ClassInfo type) {
        Map<String, Schema> properties = new LinkedHashMap<>(schema.getProperties());
        List<String> required = List.copyOf(needed(schema, type));
        for (RecordComponentInfo component : type.recordComponents()) {
            if (isNullable(component)) {
                properties.computeIfPresent(component.name(), (name, property) -> nullable(property));
            }
        }
        schema.setProperties(properties);
        schema.setRequired(required.isEmpty() ? null : required);
        schema.setAdditionalPropertiesBoolean(false);
    }

    private static Set<String> needed(Schema schema, ClassInfo type) {
        Set<String> needed = new LinkedHashSet<>();
        for (RecordComponentInfo component : type.recordComponents()) {
            Schema property = schema.getProperties().get(component.name());
            if (property != null && !isNullable(component) && property.getDefaultValue() == null) {
                needed.add(component.name());
            }
        }
        return needed;
    }

    private static boolean isNullable(RecordComponentInfo component) {
        return component.type().hasAnnotation(NULLABLE) || component.hasAnnotation(NULLABLE);
    }

    private static Schema nullable(Schema schema) {
        if (schema.getRef() != null) {
            return OASFactory.createSchema()
                    .description(schema.getDescription())
                    .addOneOf(OASFactory.createSchema().ref(schema.getRef()))
                    .addOneOf(OASFactory.createSchema().addType(SchemaType.NULL));
        }
        // Without a type it takes anything, null too
        if (schema.getType() != null && !schema.getType().contains(SchemaType.NULL)) {
            List<SchemaType> types = new ArrayList<>(schema.getType());
            types.add(SchemaType.NULL);
            schema.setType(types);
        }
        return schema;
    }

    private static void bound(@Nullable String field, Schema schema) {
        if (field != null) {
            Vocabulary.explain(field, schema);
        }
        Schema values = schema.getAdditionalPropertiesSchema();
        if (values != null && Vocabulary.has(values, SchemaType.STRING) && values.getMaxLength() == null) {
            // A map of texts cannot say it itself; no body holds a longer one
            values.setMaxLength(HttpLimits.MAX_BODY);
        }
        Schema entries = schema.getItems();
        if (entries != null
                && Vocabulary.has(entries, SchemaType.STRING)
                && entries.getFormat() == null
                && entries.getEnumeration() == null
                && entries.getMaxLength() == null) {
            // Nor can a list of texts: names and sentences
            entries.setMaxLength(LONGEST_ENTRY);
        }
        if (Vocabulary.has(schema, SchemaType.STRING)
                && schema.getFormat() == null
                && schema.getPattern() == null
                && schema.getEnumeration() == null) {
            schema.setPattern(Vocabulary.TEXT);
        }
        if (Vocabulary.has(schema, SchemaType.INTEGER)) {
            boolean small = "int32".equals(schema.getFormat());
            schema.setMinimum(Objects.requireNonNullElse(schema.getMinimum(), BigDecimal.ZERO));
            schema.setMaximum(Objects.requireNonNullElse(
                    schema.getMaximum(), small ? BigDecimal.valueOf(Integer.MAX_VALUE) : SAFE_INTEGER));
        }
        // Said aloud: without it a generated type takes no field at all
        if (Vocabulary.has(schema, SchemaType.OBJECT)
                && schema.getProperties() == null
                && schema.getAdditionalPropertiesSchema() == null) {
            schema.setAdditionalPropertiesBoolean(true);
        }
    }

    private static void completeParameters(Operation operation) {
        for (Parameter parameter : Objects.requireNonNullElse(operation.getParameters(), List.<Parameter>of())) {
            Schema schema = parameter.getSchema();
            if (schema == null) {
                continue;
            }
            Vocabulary.explain(parameter);
            if (schema.getType() == null && schema.getRef() == null) {
                schema.addType(schema.getMinimum() == null ? SchemaType.STRING : SchemaType.INTEGER);
                schema.setFormat(schema.getMinimum() == null ? null : "int32");
            }
            if (parameter.getIn() == Parameter.In.HEADER
                    && parameter.getName().startsWith("If-")
                    && schema.getPattern() == null) {
                schema.setPattern(MATCH);
            }
            // A path parameter is never a word of the vocabulary: its description is its own
            if (Vocabulary.has(schema, SchemaType.STRING)
                    && schema.getFormat() == null
                    && schema.getPattern() == null) {
                schema.setPattern(Vocabulary.TEXT);
            }
        }
        operation.getResponses().getAPIResponses().values().stream()
                .filter(response -> "OK".equals(response.getDescription()))
                .forEach(response -> response.setDescription("What was asked for"));
    }

    private static void rename(OpenAPI document) {
        Map<String, String> names = new HashMap<>();
        for (String name : document.getComponents().getSchemas().keySet()) {
            String readable = name.startsWith("PageView")
                    ? name.substring("PageView".length()).replaceFirst("(View|Summary)$", "") + "Page"
                    : name.replaceFirst("View$", "");
            if (names.containsValue(readable)) {
                throw new IllegalStateException("Two schemas would be named " + readable);
            }
            names.put(name, readable);
        }
        walk(document, (field, schema) -> {
            if (schema.getRef() != null && schema.getRef().startsWith(REF)) {
                String name = nameOf(schema.getRef());
                schema.setRef(REF + names.getOrDefault(name, name));
            }
        });
        Map<String, Schema> renamed = new TreeMap<>();
        document.getComponents().getSchemas().forEach((name, schema) -> {
            String readable = Objects.requireNonNull(names.get(name));
            if (readable.endsWith("Page") && schema.getDescription() == null) {
                schema.setDescription("One page of a list");
            }
            renamed.put(readable, schema);
        });
        document.getComponents().setSchemas(renamed);
    }

    private static void keepOnly(Components components, Set<String> used) {
        Map<String, Schema> kept = new TreeMap<>(components.getSchemas());
        // Every failure has it, whether or not another filter has added them already
        kept.keySet().removeIf(name -> !used.contains(name) && !name.equals("Problem") && !name.equals("Violation"));
        components.setSchemas(kept);
    }

    private static void addHeaders(OpenAPI document) {
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
        operations(document)
                .filter(operation -> takes(operation, "If-None-Match"))
                .forEach(operation -> successes(operation).forEach(response -> tagged.addAll(refsOf(response))));
        operations(document)
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
        return schemasOf(response.getContent()).stream()
                .map(Schema::getRef)
                .filter(Objects::nonNull)
                .map(DocumentSchemas::nameOf)
                .toList();
    }

    private static Stream<Operation> operations(OpenAPI document) {
        return document.getPaths().getPathItems().values().stream()
                .map(PathItem::getOperations)
                .map(Map::values)
                .flatMap(Collection::stream);
    }

    private static Stream<Schema> answers(OpenAPI document) {
        return operations(document)
                .flatMap(operation -> operation.getResponses().getAPIResponses().values().stream())
                .flatMap(response -> schemasOf(response.getContent()).stream());
    }

    private static Stream<Schema> requests(OpenAPI document) {
        return operations(document)
                .flatMap(operation -> Stream.concat(
                        operation.getRequestBody() == null
                                ? Stream.of()
                                : schemasOf(operation.getRequestBody().getContent()).stream(),
                        Objects.requireNonNullElse(operation.getParameters(), List.<Parameter>of()).stream()
                                .map(Parameter::getSchema)
                                .filter(Objects::nonNull)));
    }

    private static List<Schema> schemasOf(@Nullable Content content) {
        return content == null || content.getMediaTypes() == null
                ? List.of()
                : content.getMediaTypes().values().stream()
                        .map(media -> media.getSchema())
                        .filter(Objects::nonNull)
                        .toList();
    }

    private static String nameOf(String ref) {
        return ref.substring(ref.lastIndexOf('/') + 1);
    }

    /** The names of the component schemas that those lead to. */
    private static Set<String> reachable(Components components, Stream<Schema> roots) {
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
    private static void walk(OpenAPI document, BiConsumer<@Nullable String, Schema> visitor) {
        Set<Schema> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        document.getComponents().getSchemas().values().forEach(schema -> walk(null, schema, seen, visitor));
        Stream.concat(answers(document), requests(document)).forEach(schema -> walk(null, schema, seen, visitor));
    }

    private static void walk(
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
