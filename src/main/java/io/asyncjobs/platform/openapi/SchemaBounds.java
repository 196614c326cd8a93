package io.asyncjobs.platform.openapi;

import io.asyncjobs.platform.http.HttpLimits;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Bounds every number and text of the document, and explains the words that recur. */
final class SchemaBounds {

    private static final int LONGEST_ENTRY = 1_000;

    private static final String TAGS = "(W/)?\"[!#-~]*\"";
    private static final String MATCH = "^\\s*(\\*|" + TAGS + "(\\s*,\\s*" + TAGS + ")*)\\s*$";

    /** What a JavaScript client can hold exactly. */
    private static final BigDecimal SAFE_INTEGER = BigDecimal.valueOf(9_007_199_254_740_991L);

    private final Vocabulary vocabulary;

    SchemaBounds(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Says of a schema what it holds at most, with the name of the field it describes if it does. */
    void bound(@Nullable String field, Schema schema) {
        if (field != null) {
            vocabulary.explain(field, schema);
        }
        Schema values = schema.getAdditionalPropertiesSchema();
        if (values != null && Schemas.has(values, SchemaType.STRING) && values.getMaxLength() == null) {
            // A map of texts cannot say it itself; no body holds a longer one
            values.setMaxLength(HttpLimits.MAX_BODY);
        }
        Schema entries = schema.getItems();
        if (entries != null
                && Schemas.has(entries, SchemaType.STRING)
                && entries.getFormat() == null
                && entries.getEnumeration() == null
                && entries.getMaxLength() == null) {
            // Nor can a list of texts: names and sentences
            entries.setMaxLength(LONGEST_ENTRY);
        }
        if (Schemas.has(schema, SchemaType.STRING)
                && schema.getFormat() == null
                && schema.getPattern() == null
                && schema.getEnumeration() == null) {
            schema.setPattern(Vocabulary.TEXT);
        }
        if (Schemas.has(schema, SchemaType.INTEGER)) {
            boolean small = "int32".equals(schema.getFormat());
            schema.setMinimum(Objects.requireNonNullElse(schema.getMinimum(), BigDecimal.ZERO));
            schema.setMaximum(Objects.requireNonNullElse(
                    schema.getMaximum(), small ? BigDecimal.valueOf(Integer.MAX_VALUE) : SAFE_INTEGER));
        }
        // Said aloud: without it a generated type takes no field at all
        if (Schemas.has(schema, SchemaType.OBJECT)
                && schema.getProperties() == null
                && schema.getAdditionalPropertiesSchema() == null) {
            schema.setAdditionalPropertiesBoolean(true);
        }
    }

    /** Explains and bounds the parameters of a call. */
    static void completeParameters(Operation operation) {
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
            if (Schemas.has(schema, SchemaType.STRING) && schema.getFormat() == null && schema.getPattern() == null) {
                schema.setPattern(Vocabulary.TEXT);
            }
        }
        operation.getResponses().getAPIResponses().values().stream()
                .filter(response -> "OK".equals(response.getDescription()))
                .forEach(response -> response.setDescription("What was asked for"));
    }
}
