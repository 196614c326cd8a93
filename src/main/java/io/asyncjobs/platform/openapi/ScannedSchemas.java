package io.asyncjobs.platform.openapi;

import io.asyncjobs.platform.shape.EnumNames;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/** Brings what the scanner of the framework says to what goes over the wire. */
final class ScannedSchemas {

    private ScannedSchemas() {}

    /** Types, formats and names of constants. */
    static void straighten(Schema schema) {
        // An enum with a default comes as both of a reference and a schema with nothing but the default
        if (schema.getAllOf() != null
                && schema.getAllOf().size() == 2
                && schema.getAllOf().get(0).getRef() != null
                && schema.getAllOf().get(1).getDefaultValue() != null) {
            schema.setDefaultValue(schema.getAllOf().get(1).getDefaultValue());
            schema.setRef(schema.getAllOf().get(0).getRef());
            schema.setAllOf(null);
        }
        String ref = schema.getRef() == null ? "" : DocumentWalk.nameOf(schema.getRef());
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
                    .map(constant -> (Object) EnumNames.outside(constant.toString()))
                    .toList());
        }
    }

    /** An enumeration without a name of its own gets one, the same for the same constants. */
    static void nameEnumerations(Components components) {
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
                    property.setRef(DocumentWalk.REF + name);
                    property.setType(null);
                    property.setEnumeration(null);
                    property.setExamples(null);
                }));
        added.forEach(components::addSchema);
    }
}
