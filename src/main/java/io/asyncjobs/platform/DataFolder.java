package io.asyncjobs.platform;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The folder a service without external database or issuer keeps its belongings in; nobody but its owner may look in.
 *
 * <p>One service at a time uses it, guarded by a lock that the operating system releases with the process, so that a
 * crash leaves nothing to clean up. Secrets are files that only the owner may read.
 */
public final class DataFolder {

    private static final String LOCK_FILE = "service.lock";
    private static final Set<PosixFilePermission> OWNER_ONLY_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_ONLY_FILE = PosixFilePermissions.fromString("rw-------");

    private final Path path;

    private DataFolder(Path path) {
        this.path = path;
    }

    /** Opens the folder and creates it where it is missing. */
    public static DataFolder at(Path path) throws IOException {
        return new DataFolder(ownFolder(path.toAbsolutePath().normalize()).toRealPath());
    }

    public Path path() {
        return path;
    }

    /** A folder below this one, closed to others as well. */
    public Path folder(String name) throws IOException {
        return ownFolder(path.resolve(name));
    }

    /** Takes the folder for this process, for as long as the process lives or until the lock is closed. */
    public Lock lock() throws IOException {
        FileChannel channel = FileChannel.open(
                path.resolve(LOCK_FILE),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY_FILE));
        try {
            FileLock lock = tryLock(channel)
                    .orElseThrow(() -> new FolderInUseException(
                            "The data folder " + path + " is in use by another service" + holder() + ". "
                                    + "Stop that one, or start this one with another --data folder."));
            channel.truncate(0);
            channel.write(StandardCharsets.UTF_8.encode(ProcessHandle.current().pid() + "\n"));
            return new Lock(channel, lock);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Writes a file that only its owner can read, in place of the one of that name; returns where it is. */
    public Path replaceSecretFile(String name, String text) throws IOException {
        Path file = path.resolve(name);
        Path draft = path.resolve("." + name + "." + UUID.randomUUID());
        try {
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_ONLY_FILE));
            Files.writeString(draft, text);
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
        return file;
    }

    /** The secret kept under that name, if there is one. */
    public Optional<String> secret(String name) throws IOException {
        Path file = path.resolve(name);
        return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    }

    /** The secret kept under that name; a new one when there is none. */
    public String keepSecretIfNone(String name, Supplier<String> fresh) throws IOException {
        Optional<String> known = secret(name);
        return known.isPresent() ? known.get() : keepSecret(name, fresh.get());
    }

    /**
     * Keeps a secret under a name that has none yet, whole or not at all.
     *
     * @return what is kept there now: {@code value}, or what another process kept at the same moment
     */
    public String keepSecret(String name, String value) throws IOException {
        Path file = path.resolve(name);
        Path draft = path.resolve("." + name + "." + UUID.randomUUID());
        try {
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_ONLY_FILE));
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                channel.write(StandardCharsets.UTF_8.encode(value.strip() + "\n"));
                channel.force(true);
            }
            try {
                // A hard link fails where the name is taken; a move would overwrite the other's secret
                Files.createLink(file, draft);
            } catch (FileAlreadyExistsException e) {
                return Files.readString(file).strip();
            } catch (UnsupportedOperationException e) {
                moveInto(draft, file);
            }
            return value.strip();
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void moveInto(Path draft, Path file) throws IOException {
        try {
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(draft, file);
        }
    }

    private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        }
    }

    private String holder() {
        try {
            String pid = Files.readString(path.resolve(LOCK_FILE)).strip();
            return pid.isEmpty() ? "" : " (process " + pid + ")";
        } catch (IOException e) {
            return "";
        }
    }

    private static Path ownFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY_FOLDER));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
        return folder;
    }

    /** A data folder taken for this process. */
    public static final class Lock implements AutoCloseable {

        private final FileChannel channel;
        private final FileLock lock;

        private Lock(FileChannel channel, FileLock lock) {
            this.channel = channel;
            this.lock = lock;
        }

        @Override
        public void close() throws IOException {
            try (channel) {
                if (lock.isValid()) {
                    lock.release();
                }
            }
        }
    }

    /** Another process has taken the folder. */
    public static final class FolderInUseException extends IOException {

        private static final long serialVersionUID = 1L;

        FolderInUseException(String message) {
            super(message);
        }
    }
}
