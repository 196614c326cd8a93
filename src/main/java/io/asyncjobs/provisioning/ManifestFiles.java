package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import jakarta.ws.rs.core.MediaType;
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

    private static final String ZIP = "zip";

    private ManifestFiles() {}

    /** The media type that the service reads it as. */
    static String mediaType(Path file) {
        return "application/" + (Files.isDirectory(file) ? ZIP : subtype(String.valueOf(file.getFileName())));
    }

    private static MediaType type(Path file, byte[] content) {
        return Files.isDirectory(file)
                ? new MediaType("application", ZIP)
                : type(String.valueOf(file.getFileName()), content);
    }

    /** What the content is: a fingerprint may lie in a file of any name. */
    static MediaType type(String name, byte[] content) {
        String lower = name.toLowerCase(Locale.ROOT);
        boolean named = lower.endsWith(".yaml") || lower.endsWith(".yml");
        boolean isJson = !named && content.length > 0 && content[0] == '{';
        return new MediaType("application", isJson ? "json" : subtype(name));
    }

    private static String subtype(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".zip") ? ZIP : lower.endsWith(".json") ? "json" : "yaml";
    }

    /**
     * The environment that a fingerprint or an export describes, read as the service does.
     *
     * @throws FaultyFileException with all that is wrong with the file, each with its place
     */
    static ComparedEnvironment environment(Path file, EnvironmentReader reader) throws IOException {
        byte[] content = content(file);
        try {
            return reader.read(ManifestSource.of(content, type(file, content)));
        } catch (MalformedException e) {
            throw FaultyFileException.of(file, e);
        } catch (InvalidException e) {
            throw FaultyFileException.of(file, e);
        }
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
