package io.asyncjobs.job.parameters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.ValidationLimitExceededException;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.path.NodePath;
import io.asyncjobs.platform.json.Paths;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks parameters against the JSON Schema (draft 2020-12) that a job may give for them. Both come from a caller, so all
 * is bounded: size, depth, steps, the work of regular expressions; and nothing that a schema refers to is fetched.
 * Thread-safe.
 */
@Singleton
public class ParametersChecker {

    private static final int MAX_SCHEMA_CHARS = 64 * 1024;

    private static final String PARAMETERS = "parameters";
    private static final String SCHEMA = "parametersSchema";
    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
    private static final int MAX_STEPS = 1_000_000;
    private static final int MAX_DEPTH = 300;
    private static final int MAX_EXPONENT = 400;
    private static final int MAX_VIOLATIONS = 20;
    private static final int MAX_SHOWN = 500;

    /** The schema of schemas is parsed by the first job that has a schema. */
    private static final class Metaschema {
        static final Schema INSTANCE = SchemaRegistry.withDialect(
                        Dialects.getDraft202012(), registry -> registry.schemaRegistryConfig(config().build()))
                .getSchema(SchemaLocation.of(DIALECT));
    }

    /** Adds what is wrong with the schema, or else with the parameters by it. */
    public void check(ObjectNode parameters, @Nullable ObjectNode schema, List<Violation> violations) {
        if (schema == null) {
            return;
        }
        List<Violation> found = new ArrayList<>();
        Schema usable = usable(schema, found);
        if (usable != null) {
            findHugeNumbers(parameters, PARAMETERS, found);
        }
        if (usable != null && found.isEmpty()) {
            checkBy(usable, parameters, found);
        }
        violations.addAll(found);
    }

    private static @Nullable Schema usable(ObjectNode schema, List<Violation> violations) {
        String text = schema.toString();
        if (text.length() > MAX_SCHEMA_CHARS) {
            violations.add(new Violation(SCHEMA, "must be at most " + MAX_SCHEMA_CHARS + " characters long"));
            return null;
        }
        JsonNode dialect = schema.get("$schema");
        if (dialect != null && !dialect.asText().equals(DIALECT)) {
            violations.add(new Violation(SCHEMA + ".$schema", "must be " + DIALECT + ", or be left out"));
            return null;
        }
        findHugeNumbers(schema, SCHEMA, violations);
        if (!violations.isEmpty()) {
            return null;
        }
        Set<String> outside = new LinkedHashSet<>();
        try {
            say(SCHEMA, Metaschema.INSTANCE.validate(text, InputFormat.JSON), true, violations);
            if (!violations.isEmpty()) {
                return null;
            }
            SchemaRegistryConfig config = config().regularExpressionFactory(new SchemaPatterns())
                    .preloadSchema(true)
                    .build();
            Schema usable = SchemaRegistry.withDialect(
                            Dialects.getDraft202012(), registry -> registry.schemaRegistryConfig(config)
                                    .schemaCacheEnabled(false)
                                    .schemaLoader(loader -> loader.block(address -> outside.add(address.toString()))))
                    .getSchema(text, InputFormat.JSON);
            usable.initializeValidators();
            return usable;
        } catch (ValidationLimitExceededException e) {
            violations.add(new Violation(SCHEMA, "must be simpler; checking it takes too many steps"));
        } catch (SchemaPatterns.UnusableException e) {
            violations.add(new Violation(SCHEMA, shown(e.getMessage())));
        } catch (SchemaException e) {
            String reason = e.getCause() instanceof SchemaPatterns.UnusableException pattern
                    ? pattern.getMessage()
                    : outside.isEmpty()
                            ? "must be a JSON Schema that can be used: " + e.getMessage()
                            : "must refer to nothing outside itself, but refers to '"
                                    + outside.iterator().next() + "'; nothing is fetched";
            violations.add(new Violation(SCHEMA, shown(reason)));
        }
        return null;
    }

    private static void checkBy(Schema schema, ObjectNode parameters, List<Violation> violations) {
        try {
            say(PARAMETERS, schema.validate(parameters.toString(), InputFormat.JSON), false, violations);
        } catch (ValidationLimitExceededException e) {
            violations.add(new Violation(
                    SCHEMA,
                    "must end: it refers to itself without end, or takes over "
                            + (e.getLimitKind() == ValidationLimitExceededException.LimitKind.EVALUATION_DEPTH
                                    ? MAX_DEPTH + " levels"
                                    : MAX_STEPS + " steps")
                            + " to check these parameters"));
        } catch (SchemaPatterns.TooMuchWorkException e) {
            violations.add(new Violation(
                    SCHEMA, "must be simpler; its regular expressions take too long over these parameters"));
        }
    }

    private static SchemaRegistryConfig.Builder config() {
        return SchemaRegistryConfig.builder()
                .locale(Locale.ENGLISH)
                .executionContextCustomizer((execution, schema) -> execution.executionConfig(
                        limits -> limits.maxEvaluationSteps(MAX_STEPS).maxEvaluationDepth(MAX_DEPTH)));
    }

    /** Arithmetic on a number like 1e999999999 would write out its digits. */
    private static void findHugeNumbers(JsonNode node, String path, List<Violation> violations) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> property : object.properties()) {
                findHugeNumbers(property.getValue(), Paths.field(path, property.getKey()), violations);
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                findHugeNumbers(node.get(i), Paths.element(path, i), violations);
            }
        } else if (node.isBigDecimal() && violations.size() < MAX_VIOLATIONS) {
            BigDecimal number = node.decimalValue();
            if (Math.abs((long) number.precision() - number.scale()) > MAX_EXPONENT
                    || Math.abs((long) number.scale()) > MAX_EXPONENT) {
                violations.add(new Violation(
                        path,
                        "must be a number of at most " + MAX_EXPONENT
                                + " digits before or after the point where a schema is to check it"));
            }
        }
    }

    /** @param once whether one thing a place is enough: of a keyword that may be many things, each is said to be missed */
    private static void say(String root, List<Error> errors, boolean once, List<Violation> violations) {
        Set<Violation> said = new LinkedHashSet<>();
        Set<String> fields = new LinkedHashSet<>();
        for (Error error : errors) {
            Violation violation = violation(root, error);
            if (said.size() < MAX_VIOLATIONS && (fields.add(violation.field()) || !once)) {
                said.add(violation);
            }
        }
        violations.addAll(said);
    }

    private static Violation violation(String root, Error error) {
        String field = root;
        NodePath location = error.getInstanceLocation();
        for (int i = 0; i < location.getNameCount(); i++) {
            field = location.getElement(i) instanceof Integer index
                    ? Paths.element(field, index)
                    : Paths.field(field, location.getName(i));
        }
        Object[] arguments = error.getArguments() == null ? new Object[0] : error.getArguments();
        String first = arguments.length > 0 ? String.valueOf(arguments[0]) : "";
        String second = arguments.length > 1 ? String.valueOf(arguments[1]) : "";
        String keyword = error.getKeyword();
        return switch (keyword == null ? "" : keyword) {
            case "required" -> new Violation(Paths.field(field, first), "is required by the schema");
            case "dependentRequired" ->
                new Violation(
                        Paths.field(field, first), shown("is required by the schema where " + second + " is given"));
            case "additionalProperties", "unevaluatedProperties" ->
                new Violation(Paths.field(field, first), "is not a property that the schema knows");
            case "type" -> new Violation(field, shown("must be of type " + second + ", was " + first));
            case "enum" -> new Violation(field, shown("must be one of " + first));
            case "const" -> new Violation(field, shown("must be " + first));
            case "pattern" -> new Violation(field, shown("must match the regular expression " + first));
            case "minimum" -> new Violation(field, shown("must be at least " + first));
            case "maximum" -> new Violation(field, shown("must be at most " + first));
            case "exclusiveMinimum" -> new Violation(field, shown("must be more than " + first));
            case "exclusiveMaximum" -> new Violation(field, shown("must be less than " + first));
            default -> new Violation(field, shown(String.valueOf(error.getMessage())));
        };
    }

    private static String shown(@Nullable String text) {
        String whole = String.valueOf(text);
        return whole.length() > MAX_SHOWN ? whole.substring(0, MAX_SHOWN) + "…" : whole;
    }
}
