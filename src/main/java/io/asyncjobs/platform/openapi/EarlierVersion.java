package io.asyncjobs.platform.openapi;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/**
 * Prepares the document for OpenAPI 3.0, for generators that do not know 3.1. What a schema says beside a reference would
 * be lost there, and {@code null} is no type of its own: both become {@code allOf} with that one reference. The framework
 * writes the rest in the words of 3.0.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD, documentNames = "openapi-3-0", priority = EarlierVersion.LAST)
public class EarlierVersion implements OASFilter {

    /** Filters run by falling priority, and the others have 1. */
    static final int LAST = 0;

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Map<String, Schema> components = document.getComponents().getSchemas();
        DocumentWalk.walk(document, (field, schema) -> {
            if (schema.getRef() != null) {
                wrapReference(schema);
            } else if (schema.getOneOf() != null) {
                wrapNullable(schema, components);
            }
        });
    }

    private static void wrapReference(Schema schema) {
        if (schema.getDescription() != null || schema.getDefaultValue() != null) {
            schema.setAllOf(List.of(OASFactory.createSchema().ref(schema.getRef())));
            schema.setRef(null);
            // What the reference leads to says them itself
            schema.setType(null);
            schema.setPattern(null);
            if (schema.getDefaultValue() instanceof Map) {
                // The description says it; generators write the object into their code as JSON, which is no code
                schema.setDefaultValue(null);
            }
        }
    }

    private static void wrapNullable(Schema schema, Map<String, Schema> components) {
        List<Schema> values = new ArrayList<>(schema.getOneOf());
        boolean nullable = values.removeIf(one -> List.of(SchemaType.NULL).equals(one.getType()));
        if (!nullable || values.size() != 1 || values.getFirst().getRef() == null) {
            throw new IllegalStateException("OpenAPI 3.0 has to say one of " + schema.getOneOf());
        }
        String name = DocumentWalk.nameOf(values.getFirst().getRef());
        List<SchemaType> types = new ArrayList<>(
                Objects.requireNonNull(components.get(name), name).getType());
        types.add(SchemaType.NULL);
        schema.setType(types);
        schema.setAllOf(values);
        schema.setOneOf(null);
    }
}
