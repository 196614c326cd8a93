package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.job.ConfiguredJob;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.json.StoredJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Digests of jobs. The canonical form of a field is its JSON without blanks, keys in the order of their UTF-16 units, numbers
 * as they are written.
 */
final class Fingerprints {

    private static final String SCRIPT = "script";

    private Fingerprints() {}

    /** Of those of the jobs that are active. */
    static FingerprintView of(String environment, Collection<ConfiguredJob> jobs) {
        List<FingerprintView.JobDigestView> digests = jobs.stream()
                .filter(job -> !job.archived())
                .sorted(Comparator.comparing((ConfiguredJob job) -> Name.key(job.name())))
                .map(Fingerprints::of)
                .toList();
        StringBuilder lines = new StringBuilder();
        digests.forEach(job -> lines.append(job.digest()).append('\n'));
        return new FingerprintView(environment, sha256(lines.toString()), digests);
    }

    private static FingerprintView.JobDigestView of(ConfiguredJob job) {
        Map<String, String> fields = new TreeMap<>();
        job.fields().forEach((name, value) -> {
            if (!name.equals("archived")) {
                fields.put(
                        name,
                        name.equals(SCRIPT)
                                ? value.asText()
                                : sha256(canonical(value).toString()));
            }
        });
        StringBuilder lines = new StringBuilder();
        fields.forEach(
                (name, digest) -> lines.append(name).append(' ').append(digest).append('\n'));
        return new FingerprintView.JobDigestView(job.name(), sha256(lines.toString()), fields);
    }

    private static JsonNode canonical(JsonNode value) {
        if (value instanceof ObjectNode object) {
            ObjectNode sorted = JsonNodeFactory.instance.objectNode();
            object.properties().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(field -> sorted.set(field.getKey(), canonical(field.getValue())));
            return sorted;
        }
        if (value instanceof ArrayNode array) {
            ArrayNode items = JsonNodeFactory.instance.arrayNode();
            array.forEach(item -> items.add(canonical(item)));
            return items;
        }
        if (value.isPojo()) {
            JsonNode read = StoredJson.tree(value.toString());
            return read == null ? value : canonical(read);
        }
        return value;
    }

    private static String sha256(String text) {
        MessageDigest digest = ManifestSource.sha256();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return ManifestSource.hex(digest);
    }
}
