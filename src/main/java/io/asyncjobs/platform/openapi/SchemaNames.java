package io.asyncjobs.platform.openapi;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.media.Schema;

/** Gives the schemas names for readers: {@code Job}, {@code JobPage}, {@code JobPatch}, not {@code PageViewJobSummary}. */
final class SchemaNames {

    private SchemaNames() {}

    static void rename(OpenAPI document) {
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
        DocumentWalk.walk(document, (field, schema) -> {
            if (schema.getRef() != null && schema.getRef().startsWith(DocumentWalk.REF)) {
                String name = DocumentWalk.nameOf(schema.getRef());
                schema.setRef(DocumentWalk.REF + names.getOrDefault(name, name));
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

    /** Leaves out the schemas that nothing refers to. */
    static void keepOnly(Components components, Set<String> used) {
        Map<String, Schema> kept = new TreeMap<>(components.getSchemas());
        // Every failure has it, whether or not another filter has added them already
        kept.keySet().removeIf(name -> !used.contains(name) && !name.equals("Problem") && !name.equals("Violation"));
        components.setSchemas(kept);
    }
}
