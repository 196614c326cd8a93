package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.platform.problem.Violation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with a body, in the order in which it is found. */
final class Faults {

    /** Stands for a value that could not be had; its reason is among the violations. */
    static final Object INVALID = new Object();

    private static final int MAX_SHOWN = 40;

    private final List<Violation> violations;
    private final Set<String> judged = new HashSet<>();

    /** {@code found} are known already; what they name is not judged again. */
    Faults(List<Violation> found) {
        violations = new ArrayList<>(found);
        found.forEach(violation -> judged.add(violation.field()));
    }

    Object refuse(String at, String message) {
        violations.add(new Violation(at, message));
        return INVALID;
    }

    boolean isJudged(String at) {
        return judged.contains(at);
    }

    boolean isEmpty() {
        return violations.isEmpty();
    }

    int count() {
        return violations.size();
    }

    List<Violation> violations() {
        return violations;
    }

    /** The value for a message: numbers as sent, anything else by its kind. */
    static String shown(JsonNode given) {
        if (given.isNumber()) {
            String number = given.asText();
            return number.length() <= MAX_SHOWN ? number : number.substring(0, MAX_SHOWN) + "…";
        }
        return kindOf(given);
    }

    /** What a value is, in the words of a message. */
    static String kindOf(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "an array";
            case STRING -> "a text";
            case NUMBER -> "a number";
            case BOOLEAN -> node.asText();
            default -> "null";
        };
    }
}
