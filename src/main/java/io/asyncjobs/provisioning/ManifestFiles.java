package io.asyncjobs.provisioning;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Manifests as they lie on a disk, for the commands. */
final class ManifestFiles {

    private ManifestFiles() {}

    /** The media type that the service reads it as. */
    static String mediaType(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (Files.isDirectory(file) || name.endsWith(".zip")) {
            return "application/zip";
        }
        return name.endsWith(".json") ? "application/json" : "application/yaml";
    }

    /** The file's bytes; a folder as a zip of its manifest and scripts. */
    static byte[] content(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("there is no file " + file + " that can be read");
        }
        if (!Files.isDirectory(file)) {
            return Files.readAllBytes(file);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Stream<Path> files = Files.walk(file);
                ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Path one : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = file.relativize(one).toString().replace('\\', '/');
                if (name.endsWith(".js")
                        || name.equals("jobs.yaml")
                        || name.equals("jobs.yml")
                        || name.equals("jobs.json")) {
                    zip.putNextEntry(new ZipEntry(name));
                    zip.write(Files.readAllBytes(one));
                    zip.closeEntry();
                }
            }
        }
        return bytes.toByteArray();
    }
}
