package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Present;
import org.snakeyaml.engine.v2.api.lowlevel.Serialize;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Writes manifests in one form: the same content gives the same bytes. Each {@code ObjectNode} here is a whole manifest with
 * its scripts inline.
 */
final class ManifestWriter {

    private static final String SCRIPT = "script";
    private static final String SCRIPT_FILE = "scriptFile";
    private static final String SCRIPT_BASE64 = "scriptBase64";

    /** Words that no reader of YAML takes for anything but a text. */
    private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*");

    /** What readers of older YAML take for something else. */
    private static final Set<String> LOOK_ALIKES =
            Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf");

    /** What a block of YAML cannot hold, or ends a line of it. */
    private static final Pattern NOT_IN_A_BLOCK =
            Pattern.compile("[\\x00-\\x08\\x0B-\\x1F\\x7F-\\x9F\\u2028\\u2029\\uFEFF\\uFFFE\\uFFFF]");

    private static final String INDENT = "      ";

    /** The same for each export. */
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 2, 0, 0);

    private static final DumpSettings SETTINGS = DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setSchema(new CoreSchema())
            .setIndent(2)
            .setIndicatorIndent(2)
            .setIndentWithIndicator(true)
            .setWidth(Integer.MAX_VALUE)
            .setSplitLines(false)
            .setMaxSimpleKeyLength(1024)
            .build();

    private ManifestWriter() {}

    /** As JSON with two blanks for each level. */
    static byte[] json(ObjectNode manifest, ObjectMapper json) {
        try {
            return (json.writerWithDefaultPrettyPrinter().writeValueAsString(manifest) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As YAML. A script stands there as a block that a person can read, or in Base64 where a block cannot hold it. */
    static byte[] yaml(ObjectNode manifest) {
        Map<String, String> blocks = new LinkedHashMap<>();
        ObjectNode shown = manifest.deepCopy();
        for (JsonNode job : shown.path(ManifestShape.JOBS)) {
            ObjectNode fields = (ObjectNode) job;
            String script = fields.path(SCRIPT).asText();
            if (script.isBlank() || NOT_IN_A_BLOCK.matcher(script).find()) {
                fields.remove(SCRIPT);
                fields.put(SCRIPT_BASE64, Base64.getEncoder().encodeToString(script.getBytes(StandardCharsets.UTF_8)));
            } else {
                // The library writes no block with blanks at the end of a line. Nobody knows the mark in advance
                String mark = "@" + UUID.randomUUID();
                blocks.put(mark, block(script));
                fields.put(SCRIPT, mark);
            }
        }
        return withBlocks(text(shown), blocks).getBytes(StandardCharsets.UTF_8);
    }

    /** As a zip with one file for each script. */
    static byte[] zip(ObjectNode manifest) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        ObjectNode shown = manifest.deepCopy();
        Set<String> names = new HashSet<>();
        for (JsonNode job : shown.path(ManifestShape.JOBS)) {
            ObjectNode fields = (ObjectNode) job;
            String file = "scripts/" + fileName(fields.path("name").asText(), names);
            files.put(file, fields.path(SCRIPT).asText().getBytes(StandardCharsets.UTF_8));
            fields.remove(SCRIPT);
            fields.put(SCRIPT_FILE, file);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "jobs.yaml", text(shown).getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                put(zip, file.getKey(), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** Of a job: what file systems take, and no name twice whatever their case. */
    private static String fileName(String job, Set<String> taken) {
        String safe = job.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[.-]+", "");
        String base = safe.isEmpty() ? SCRIPT : safe.substring(0, Math.min(safe.length(), 100));
        String name = base + ".js";
        for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
            name = base + "-" + i + ".js";
        }
        return name;
    }

    private static String text(ObjectNode manifest) {
        return new Present(SETTINGS)
                .emitToString(
                        new Serialize(SETTINGS).serializeOne(node(manifest)).iterator());
    }

    private static Node node(JsonNode value) {
        if (value instanceof ObjectNode object) {
            List<NodeTuple> fields = new ArrayList<>();
            object.properties()
                    .forEach(field -> fields.add(new NodeTuple(text(field.getKey()), node(field.getValue()))));
            return new MappingNode(Tag.MAP, fields, fields.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
        }
        if (value instanceof ArrayNode array) {
            List<Node> items = new ArrayList<>();
            array.forEach(item -> items.add(node(item)));
            return new SequenceNode(Tag.SEQ, items, items.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
        }
        if (value.isTextual()) {
            return text(value.textValue());
        }
        Tag tag = value.isNull()
                ? Tag.NULL
                : value.isBoolean() ? Tag.BOOL : value.asText().matches("-?\\d+") ? Tag.INT : Tag.FLOAT;
        return new ScalarNode(tag, value.asText(), ScalarStyle.PLAIN);
    }

    private static ScalarNode text(String text) {
        boolean plain = PLAIN_WORD.matcher(text).matches() && !LOOK_ALIKES.contains(text.toLowerCase(Locale.ROOT));
        return new ScalarNode(Tag.STR, text, plain ? ScalarStyle.PLAIN : ScalarStyle.DOUBLE_QUOTED);
    }

    private static String block(String script) {
        StringBuilder block = new StringBuilder("|");
        if (script.startsWith(" ") || script.startsWith("\n")) {
            block.append('2');
        }
        if (!script.endsWith("\n")) {
            block.append('-');
        } else if (script.endsWith("\n\n")) {
            block.append('+');
        }
        String body = script.endsWith("\n") ? script.substring(0, script.length() - 1) : script;
        for (String line : body.split("\n", -1)) {
            block.append('\n').append(line.isEmpty() ? "" : INDENT + line);
        }
        return block.toString();
    }

    private static String withBlocks(String yaml, Map<String, String> blocks) {
        StringBuilder text = new StringBuilder(yaml.length());
        int from = 0;
        for (Map.Entry<String, String> block : blocks.entrySet()) {
            String line = "script: \"" + block.getKey() + "\"\n";
            int at = yaml.indexOf(line, from);
            text.append(yaml, from, at)
                    .append("script: ")
                    .append(block.getValue())
                    .append('\n');
            from = at + line.length();
        }
        return text.append(yaml, from, yaml.length()).toString();
    }
}
