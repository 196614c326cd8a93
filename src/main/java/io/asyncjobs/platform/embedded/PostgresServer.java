package io.asyncjobs.platform.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * One PostgreSQL server over one folder: {@code cluster} holds the data, {@code server.log} what it says.
 *
 * <p>The server runs in a session of its own ({@code pg_ctl} sees to that): neither a Ctrl-C in the terminal nor the
 * death of the service reaches it, so it outlives the connections that have to be closed first. Not thread-safe; the
 * caller makes sure that one process at a time uses the folder.
 */
final class PostgresServer {

    static final String SUPERUSER = "postgres";

    private static final String LISTEN_ADDRESS = "127.0.0.1";
    private static final String SOCKET = ".s.PGSQL.";
    private static final String PERMIT_SOCKET = "local all all scram-sha-256\n";
    private static final int LOG_LINES_SHOWN = 12;

    private final PostgresBinaries binaries;
    private final ServerIdentity identity;
    private final Path folder;
    private final Path cluster;
    private final Path log;
    private final boolean durable;

    /** Without {@code durable} nothing is forced to disk: for tests, whose data may die with the machine. */
    PostgresServer(PostgresBinaries binaries, ServerIdentity identity, Path folder, boolean durable) {
        this.binaries = binaries;
        this.identity = identity;
        this.folder = folder;
        this.cluster = folder.resolve("cluster");
        this.log = folder.resolve("server.log");
        this.durable = durable;
    }

    boolean exists() {
        return Files.exists(cluster);
    }

    /** Makes the cluster, whole or not at all. */
    void create(String superuserPassword) throws IOException, InterruptedException {
        Path draft = folder.resolve("cluster.draft");
        delete(draft); // left by a process that died in here
        Path passwordFile = Files.createTempFile(
                folder,
                "password",
                null,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(passwordFile, superuserPassword + "\n");
            identity.give(passwordFile);
            List<String> initdb = new ArrayList<>(List.of(
                    binaries.program("initdb").toString(),
                    "--pgdata=" + draft,
                    "--username=" + SUPERUSER,
                    "--pwfile=" + passwordFile,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    // PostgreSQL's own C.UTF-8: Unicode-aware, byte order, and the same on every machine
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--no-instructions",
                    "--set=shared_buffers=128MB",
                    "--set=max_connections=100",
                    "--set=timezone=UTC",
                    "--set=log_timezone=UTC"));
            if (!durable) {
                initdb.add("--no-sync");
            }
            Command.Result result = identity.run(initdb);
            if (result.exitCode() != 0) {
                throw new EmbeddedDatabaseException(
                        "PostgreSQL's data folder could not be made in " + folder + ":\n" + result.output());
            }
            Files.writeString(
                    draft.resolve("pg_hba.conf"),
                    "host all all " + LISTEN_ADDRESS + "/32 scram-sha-256\n" + PERMIT_SOCKET,
                    StandardCharsets.US_ASCII);
            Files.move(draft, cluster, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(passwordFile);
        }
    }

    /** Starts the server and returns when it answers. */
    void start(int port) throws IOException, InterruptedException {
        if (process().isEmpty()) {
            // Its number may have gone to another process by now, which would keep the server from starting. That no
            // server is left is certain here, and the server itself checks its shared memory besides
            Files.deleteIfExists(cluster.resolve("postmaster.pid"));
            deleteSockets();
        }
        permitSocket();
        // What the service relies on goes onto the command line, above whatever postgresql.conf says
        String options = "-c listen_addresses=" + LISTEN_ADDRESS + " -c port=" + port
                // In the cluster, where the server's user alone may go
                + " -c unix_socket_directories=. -c unix_socket_permissions=0600 -c password_encryption=scram-sha-256"
                // Compiling pays for none of the service's statements; commits are flushed by themselves, so the two
                // writers in the background need not look five times a second
                + " -c jit=off -c wal_writer_delay=1s -c bgwriter_delay=1s"
                // After a checkpoint each page goes whole into the log once: at rest that is most of the log. Under
                // load
                // its growth makes one, so that a start after a crash takes no longer
                + " -c checkpoint_timeout=15min"
                + (durable
                        ? " -c fsync=on -c full_page_writes=on -c synchronous_commit=on"
                        : " -c fsync=off -c full_page_writes=off -c synchronous_commit=off");
        Command.Result result = identity.run(List.of(
                binaries.program("pg_ctl").toString(),
                "start",
                "--pgdata=" + cluster,
                "--log=" + log,
                "--options=" + options,
                "--wait",
                "--timeout=60",
                "--silent"));
        if (result.exitCode() != 0) {
            throw new EmbeddedDatabaseException(
                    "PostgreSQL does not start: " + result.output() + "\nThe end of " + log + ":\n" + endOfLog());
        }
    }

    /** The socket it listens on besides, while it runs on that port. */
    Path socket(int port) {
        return cluster.resolve(SOCKET + port);
    }

    /** Those of servers that died. */
    private void deleteSockets() throws IOException {
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(cluster, SOCKET + "*")) {
            for (Path socket : sockets) {
                Files.delete(socket);
            }
        }
    }

    /** Clusters that were made before there was one do not have it. */
    private void permitSocket() throws IOException {
        Path file = cluster.resolve("pg_hba.conf");
        if (!Files.readString(file).contains(PERMIT_SOCKET)) {
            Files.writeString(file, PERMIT_SOCKET, StandardCharsets.US_ASCII, StandardOpenOption.APPEND);
        }
    }

    /** Ends the server in order; forces it when it does not come to its end. Does nothing when none runs. */
    void stop() throws IOException, InterruptedException {
        for (StopMode mode : StopMode.values()) {
            if (process().isEmpty()) {
                return;
            }
            identity.run(List.of(
                    binaries.program("pg_ctl").toString(),
                    "stop",
                    "--pgdata=" + cluster,
                    "--mode=" + mode.name,
                    "--wait",
                    "--timeout=" + mode.patience.toSeconds(),
                    "--silent"));
        }
        if (process().isPresent()) {
            throw new EmbeddedDatabaseException(
                    "PostgreSQL's process " + process().getAsLong() + " does not stop");
        }
    }

    boolean isRunning() throws IOException {
        return process().isPresent();
    }

    /** The process that the cluster's lock file names, if it is a living PostgreSQL over this very cluster. */
    OptionalLong process() throws IOException {
        Path lockFile = cluster.resolve("postmaster.pid");
        String[] lines = Files.exists(lockFile) ? Files.readString(lockFile).split("\n", 2) : new String[] {""};
        if (lines[0].isBlank()) {
            return OptionalLong.empty();
        }
        long pid = Math.abs(Long.parseLong(lines[0].strip()));
        String command = commandLine(pid);
        // A dead process that nobody has reaped yet has an empty command line, somebody else's names another folder
        boolean ours = command.contains("postgres") && command.contains(cluster.toString());
        return ours ? OptionalLong.of(pid) : OptionalLong.empty();
    }

    private static String commandLine(long pid) throws IOException {
        if (Files.isDirectory(Path.of("/proc/self"))) {
            try {
                return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                        .replace('\0', ' ');
            } catch (IOException e) {
                return "";
            }
        }
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .flatMap(process -> process.info().commandLine())
                .orElse("");
    }

    private String endOfLog() throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
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

    private enum StopMode {
        FAST("fast", Duration.ofSeconds(20)),
        IMMEDIATE("immediate", Duration.ofSeconds(10));

        private final String name;
        private final Duration patience;

        StopMode(String name, Duration patience) {
            this.name = name;
            this.patience = patience;
        }
    }
}
