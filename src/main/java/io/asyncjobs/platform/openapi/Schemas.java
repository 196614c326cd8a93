package io.asyncjobs.platform.openapi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/** What is done with a single schema. */
final class Schemas {

    private Schemas() {}

    /** All of it, and of the schemas inside it. */
    static Schema copyOf(Schema schema) {
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
            copy.setOneOf(schema.getOneOf().stream().map(Schemas::copyOf).toList());
        }
        return copy;
    }

    /** The same, or null. */
    static Schema nullable(Schema schema) {
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

    static boolean has(Schema schema, SchemaType type) {
        return schema.getType() != null && schema.getType().contains(type);
    }
}
