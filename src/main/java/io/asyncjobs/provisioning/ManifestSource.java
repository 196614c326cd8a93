package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.MalformedException;
import jakarta.ws.rs.core.MediaType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A manifest as it was sent.
 *
 * @param name of the manifest in its archive
 * @param files of the archive; empty for a manifest by itself
 * @param digest over all bytes that count, as lower-case hex of SHA-256: not over how an archive is packed
 */
record ManifestSource(String name, String text, boolean isJson, Map<String, byte[]> files, String digest) {

    private static final List<String> NAMES = List.of("jobs.yaml", "jobs.yml", "jobs.json");
    private static final int MAX_MANIFEST_BYTES = 8 * 1024 * 1024;

    ManifestSource {
        files = Map.copyOf(files);
    }

    /** @param type as it was sent */
    static ManifestSource of(byte[] body, @Nullable MediaType type) {
        MessageDigest digest = sha256();
        if (type == null || !type.getSubtype().endsWith("zip")) {
            boolean json = type != null && type.getSubtype().endsWith("json");
            digest.update(body);
            return new ManifestSource("", text(body), json, Map.of(), hex(digest));
        }
        Map<String, byte[]> files = ManifestArchive.read(body);
        List<String> manifests = NAMES.stream().filter(files::containsKey).toList();
        if (manifests.size() != 1) {
            throw new MalformedException("The archive must hold one manifest at its top: " + String.join(", ", NAMES)
                    + "; it holds " + (manifests.isEmpty() ? "none" : String.join(" and ", manifests)) + ".");
        }
        files.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(file -> {
            digest.update(file.getKey().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(ByteBuffer.allocate(Integer.BYTES)
                    .putInt(file.getValue().length)
                    .array());
            digest.update(file.getValue());
        });
        String name = manifests.getFirst();
        byte[] manifest = files.getOrDefault(name, new byte[0]);
        if (manifest.length > MAX_MANIFEST_BYTES) {
            throw new MalformedException("The manifest in the archive has %d bytes; at most %d are read."
                    .formatted(manifest.length, MAX_MANIFEST_BYTES));
        }
        return new ManifestSource(name, text(manifest), name.endsWith(".json"), files, hex(digest));
    }

    private static String text(byte[] utf8) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new MalformedException("The manifest is not UTF-8 text.");
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
