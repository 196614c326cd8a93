package io.asyncjobs.platform.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs for this machine, unpacked once from the class path into a cache folder. */
public final class PostgresBinaries {

    private final Path folder;

    private PostgresBinaries(Path folder) {
        this.folder = folder;
    }

    /** Unpacks into a folder below {@code cache} that is named after the archive, unless that has been done before. */
    public static PostgresBinaries unpackedIn(Path cache) throws IOException {
        String archive = archiveName();
        Path folder = cache.toAbsolutePath().resolve("postgres-" + version(archive));
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(cache);
            unpackOnce(archive, folder);
        }
        return new PostgresBinaries(folder);
    }

    /** The path of {@code initdb}, {@code pg_ctl} or {@code postgres}. */
    Path program(String name) {
        return folder.resolve("bin").resolve(name);
    }

    private static synchronized void unpackOnce(String archive, Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(
                        folder.resolveSibling(folder.getFileName() + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            // The lock keeps other processes out, the method's monitor the threads of this one
            if (lock.isValid() && !Files.isDirectory(folder)) {
                // Unpacked beside and moved whole: a half-unpacked folder is never taken for a whole one
                Path draft = folder.resolveSibling("." + folder.getFileName() + "." + UUID.randomUUID());
                try {
                    unpack(archive, draft);
                    Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
                } finally {
                    delete(draft);
                }
            }
        }
    }

    private static void unpack(String archive, Path folder) throws IOException {
        try (InputStream resource = open(archive);
                TarArchiveInputStream tar =
                        new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(resource, 1 << 16)))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextEntry()) != null) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("An entry points out of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Path parent = target.getParent();
                    if (parent != null) {
                        Files.createDirectories(parent);
                    }
                    if (entry.isSymbolicLink()) {
                        Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                    } else if (entry.isLink()) {
                        Files.createLink(target, folder.resolve(entry.getLinkName()));
                    } else if (entry.isFile()) {
                        Files.copy(tar, target);
                        boolean program =
                                entry.getName().replaceFirst("^\\./", "").startsWith("bin/");
                        Files.setPosixFilePermissions(
                                target, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                    }
                }
            }
        }
    }

    /** The archive's size tells versions apart; a digest would cost reading it whole at every start. */
    private static String version(String archive) throws IOException {
        URLConnection connection = resource(archive).openConnection();
        connection.setUseCaches(false);
        try (InputStream ignored = connection.getInputStream()) {
            return archive.replaceFirst("^postgres-", "").replaceFirst("\\.txz$", "") + "-"
                    + Long.toString(connection.getContentLengthLong(), Character.MAX_RADIX);
        }
    }

    private static InputStream open(String archive) throws IOException {
        URLConnection connection = resource(archive).openConnection();
        connection.setUseCaches(false);
        return connection.getInputStream();
    }

    private static URL resource(String archive) {
        @Nullable URL url = PostgresBinaries.class.getClassLoader().getResource(archive);
        if (url == null) {
            throw new EmbeddedDatabaseException("This build holds no PostgreSQL for this machine (" + archive
                    + "). Build it here, or give a database by QUARKUS_DATASOURCE_JDBC_URL.");
        }
        return url;
    }

    private static String archiveName() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        boolean arm = machine.equals("aarch64") || machine.equals("arm64");
        return "postgres-" + system + "-" + (arm ? "arm_64" : "x86_64") + ".txz";
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
