package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Any JSON, as long as PostgreSQL and JavaScript can both hold it. */
final class FreeJson {

    private FreeJson() {}

    /**
     * Adds what neither can hold to the faults.
     *
     * @param forScripts whether each whole number must be the same in JavaScript
     * @return whether there was nothing to add
     */
    static boolean check(JsonNode given, String at, boolean forScripts, Faults faults) {
        int before = faults.count();
        switch (given) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> field : object.properties()) {
                    String path = Paths.field(at, field.getKey());
                    text(field.getKey(), path, faults);
                    check(field.getValue(), path, forScripts, faults);
                }
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    check(array.get(i), Paths.element(at, i), forScripts, faults);
                }
            }
            case JsonNode leaf when leaf.isTextual() -> text(leaf.textValue(), at, faults);
            case JsonNode leaf
            when leaf.isNumber() -> {
                String fault = forScripts ? JsNumbers.faultForScripts(leaf) : JsNumbers.fault(leaf);
                if (fault != null) {
                    faults.refuse(at, fault);
                }
            }
            default -> {}
        }
        return faults.count() == before;
    }

    /** Whether the text can be stored; if not, the fault is added. */
    static boolean text(String text, String at, Faults faults) {
        String fault = Texts.fault(text);
        if (fault != null) {
            faults.refuse(at, fault);
        }
        return fault == null;
    }
}
