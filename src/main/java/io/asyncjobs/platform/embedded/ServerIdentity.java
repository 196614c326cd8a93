package io.asyncjobs.platform.embedded;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * As whom PostgreSQL's programs run: they refuse the superuser of the machine.
 *
 * <p>An ordinary user runs them as themselves. Root runs them in a user namespace of their own, where the same user has
 * another number and no rights; where the machine refuses namespaces, as {@code nobody}.
 */
final class ServerIdentity {

    private final List<String> prefix;
    private final long uid;
    private final boolean root;

    private ServerIdentity(List<String> prefix, long uid, boolean root) {
        this.prefix = List.copyOf(prefix);
        this.uid = uid;
        this.root = root;
    }

    static ServerIdentity find() throws IOException, InterruptedException {
        long uid = new UnixSystem().getUid();
        if (uid != 0) {
            return new ServerIdentity(List.of(), uid, false);
        }
        if (answers("unshare", "-U", "true")) {
            return new ServerIdentity(List.of("unshare", "-U"), 0, true);
        }
        if (answers("setpriv", "--version")) {
            long nobody =
                    Long.parseLong(Command.run(List.of("id", "-u", "nobody")).output());
            String group = Command.run(List.of("id", "-g", "nobody")).output();
            return new ServerIdentity(
                    List.of("setpriv", "--reuid=" + nobody, "--regid=" + group, "--clear-groups", "--"), nobody, true);
        }
        throw new EmbeddedDatabaseException(
                "PostgreSQL does not run as root, and this machine has neither user namespaces"
                        + " (unshare) nor setpriv to run it as somebody else."
                        + " Start the service as an ordinary user, or give a database by QUARKUS_DATASOURCE_JDBC_URL.");
    }

    /** Whether that is another user than the service's own, who may not be able to reach the service's home. */
    boolean isOther() {
        return root && uid != 0;
    }

    Command.Result run(List<String> command) throws IOException, InterruptedException {
        return Command.run(Stream.concat(prefix.stream(), command.stream()).toList());
    }

    /**
     * Makes the folder and what is in it the server's own.
     *
     * @throws EmbeddedDatabaseException if the server's user cannot reach the folder
     */
    void own(Path folder) throws IOException, InterruptedException {
        if (!root) {
            return;
        }
        if (owner(folder) != uid) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList()) {
                    give(file);
                }
            }
        }
        if (uid != 0) {
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                // The server's user has to pass through the data folder, not to look into it
                Set<PosixFilePermission> passage = EnumSet.copyOf(Files.getPosixFilePermissions(parent));
                passage.addAll(PosixFilePermissions.fromString("--x--x--x"));
                Files.setPosixFilePermissions(parent, passage);
            }
            if (run(List.of("test", "-w", folder.toString())).exitCode() != 0) {
                throw new EmbeddedDatabaseException(
                        "PostgreSQL does not run as root; it would run as the user 'nobody',"
                                + " who cannot reach " + folder
                                + ". Choose a --data folder that everybody may pass through,"
                                + " or start the service as an ordinary user.");
            }
        }
    }

    /** Makes one file the server's own. */
    void give(Path file) throws IOException {
        if (root && owner(file) != uid) {
            Files.setAttribute(file, "unix:uid", (int) uid, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static long owner(Path file) throws IOException {
        return ((Number) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS)).longValue();
    }

    private static boolean answers(String... command) throws InterruptedException {
        try {
            return Command.run(List.of(command)).exitCode() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
