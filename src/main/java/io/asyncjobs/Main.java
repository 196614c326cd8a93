package io.asyncjobs;

import io.asyncjobs.audit.ExportCheck;
import io.asyncjobs.platform.CommandArguments.UsageException;
import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.EmbeddedConfiguration;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.platform.embedded.EmbeddedDatabase;
import io.asyncjobs.platform.embedded.EmbeddedDatabaseException;
import io.asyncjobs.provisioning.ProvisioningCommands;
import io.asyncjobs.security.EmbeddedIssuer;
import io.asyncjobs.security.VerificationKey;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Where the process begins: what Quarkus needs and nobody configured is brought along first, and put away after it.
 *
 * <p>Order at the end: Quarkus stops whole (runs end, the pool closes), then PostgreSQL. The JVM runs its shutdown hooks
 * side by side, so the database's hook waits for Quarkus' end by itself.
 */
@QuarkusMain
public final class Main {

    private static final Logger LOG = Logger.getLogger(Main.class);

    private static final String ENCRYPTION_KEY_FILE = "encryption.key";
    private static final String AUDIT_KEY_FILE = "audit.key";
    private static final String CHECKPOINT_FILE = "audit-checkpoints.ndjson";

    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    /** Longer than any container engine waits; only there so that a hanging stop is not also a silent one. */
    private static final long STOP_PATIENCE_MINUTES = 5;

    private Main() {}

    public static void main(String... arguments) {
        if (arguments.length > 0 && ProvisioningCommands.NAMES.contains(arguments[0])) {
            System.exit(ProvisioningCommands.run(arguments));
        }
        try {
            switch (CommandLine.parse(arguments, System.getenv(), System.getProperty("user.name", ""))) {
                case CommandLine.Start start -> start(start);
                case CommandLine.Token token -> token(token);
                case CommandLine.AuditVerify verify -> verify(verify);
                case CommandLine.Help help -> System.out.print(help.text());
            }
        } catch (UsageException e) {
            fail(MISUSED, e.getMessage() + "\nTry '" + CommandLine.helpWith(arguments) + "'.");
        } catch (FileSystemException e) {
            fail(
                    FAILED,
                    "The data folder cannot be used: " + e.getMessage() + " ("
                            + e.getClass().getSimpleName() + ")");
        } catch (IOException | EmbeddedDatabaseException e) {
            fail(FAILED, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(FAILED, "Interrupted while starting");
        }
    }

    private static void token(CommandLine.Token token) throws IOException {
        DataFolder data = DataFolder.at(token.data());
        String signed = EmbeddedIssuer.in(data).token(token.user(), List.of(token.role()), token.timeToLive());
        if (token.open().isEmpty()) {
            System.out.println(signed);
        } else {
            new DashboardLink(data).open(token.open().get(), signed);
        }
    }

    private static void verify(CommandLine.AuditVerify verify) throws IOException {
        for (Path file : Stream.of(Optional.of(verify.export()), verify.keys(), verify.checkpoints())
                .flatMap(Optional::stream)
                .toList()) {
            if (!Files.isReadable(file)) {
                fail(MISUSED, "There is no file " + file + " that can be read.");
            }
        }
        Optional<String> configured = value("ASYNCJOBS_AUDIT_KEYS");
        String keys;
        if (verify.keys().isPresent()) {
            keys = Files.readString(verify.keys().get());
        } else if (configured.isPresent()) {
            keys = configured.get();
        } else {
            Path own = verify.data().resolve(AUDIT_KEY_FILE);
            if (!Files.exists(own)) {
                fail(MISUSED, "There are no keys: name their file with --keys, or set ASYNCJOBS_AUDIT_KEYS.");
                return;
            }
            keys = Files.readString(own);
        }
        if (keys.isBlank()) {
            fail(
                    MISUSED,
                    "There are no keys in " + verify.keys().orElse(verify.data().resolve(AUDIT_KEY_FILE)) + ".");
        }
        Path ownCheckpoints = verify.data().resolve(CHECKPOINT_FILE);
        Optional<Path> checkpoints = verify.checkpoints()
                .or(() -> verify.keys().isEmpty() && Files.exists(ownCheckpoints)
                        ? Optional.of(ownCheckpoints)
                        : Optional.empty());
        try {
            if (!ExportCheck.run(verify.export(), keys, checkpoints, verify.partial(), System.out)) {
                System.exit(FAILED);
            }
        } catch (IllegalArgumentException e) {
            fail(MISUSED, String.valueOf(e.getMessage()));
        }
    }

    private static void start(CommandLine.Start start) throws IOException, InterruptedException {
        CountDownLatch quarkusStopped = new CountDownLatch(1);
        try {
            run(start, quarkusStopped);
        } finally {
            quarkusStopped.countDown();
        }
    }

    private static void run(CommandLine.Start start, CountDownLatch quarkusStopped)
            throws IOException, InterruptedException {
        Map<String, String> provided = new HashMap<>();
        start.port().ifPresent(port -> provided.put("quarkus.http.port", Integer.toString(port)));
        FutureTask<EmbeddedIssuer> issuer = new FutureTask<>(() -> EmbeddedIssuer.in(DataFolder.at(start.data())));
        boolean ownIssuer = isMissing("MP_JWT_VERIFY_PUBLICKEY_LOCATION") && isMissing("MP_JWT_VERIFY_PUBLICKEY");
        boolean ownDatabase = isMissing("QUARKUS_DATASOURCE_JDBC_URL");
        if (ownIssuer) {
            // Making a key takes as long as making a database: side by side at the first start
            Thread.ofPlatform().daemon().name("issuer").start(issuer);
        }
        if (ownDatabase) {
            provided.putAll(startDatabase(DataFolder.at(start.data()), quarkusStopped));
            // Where several nodes share a database, keys of one node's own would be none to the others
            provideKey("ASYNCJOBS_ENCRYPTION_KEYS", ENCRYPTION_KEY_FILE, start, provided);
            provideKey("ASYNCJOBS_AUDIT_KEYS", AUDIT_KEY_FILE, start, provided);
            if (isMissing("ASYNCJOBS_AUDIT_CHECKPOINT_FILE")) {
                provided.put(
                        "asyncjobs.audit.checkpoint.file",
                        DataFolder.at(start.data())
                                .path()
                                .resolve(CHECKPOINT_FILE)
                                .toString());
            }
        }
        if (ownIssuer) {
            provided.put("mp.jwt.verify.publickey", result(issuer).verificationKeys());
            provided.put(
                    "asyncjobs.embedded-issuer.folder",
                    DataFolder.at(start.data()).path().toString());
        }
        if (isMissing("MP_JWT_VERIFY_PUBLICKEY_ALGORITHM")) {
            value("MP_JWT_VERIFY_PUBLICKEY_LOCATION")
                    .flatMap(VerificationKey::algorithmOf)
                    .ifPresent(algorithm -> provided.put("mp.jwt.verify.publickey.algorithm", algorithm));
        }
        EmbeddedConfiguration.provide(provided);
        ApplicationLifecycleManager.setDefaultExitCodeHandler((code, failure) -> {
            quarkusStopped.countDown();
            System.exit(code);
        });
        Quarkus.run();
    }

    private static void provideKey(String variable, String file, CommandLine.Start start, Map<String, String> provided)
            throws IOException {
        if (isMissing(variable)) {
            String property = variable.toLowerCase(Locale.ROOT).replace('_', '.');
            provided.put(property, DataFolder.at(start.data()).keepSecretIfNone(file, () -> KeyRing.newKey("local")));
        }
    }

    /** The folder is given back after the database has stopped. */
    private static Map<String, String> startDatabase(DataFolder data, CountDownLatch quarkusStopped)
            throws IOException, InterruptedException {
        DataFolder.Lock lock = data.lock();
        EmbeddedDatabase database = EmbeddedDatabase.start(data, reason -> {
            LOG.fatal("PostgreSQL died and cannot be started again: the service ends", reason);
            Quarkus.asyncExit(FAILED);
        });
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> stopDatabase(database, lock, quarkusStopped), "postgres-stop"));
        EmbeddedDatabase.Coordinates at = database.coordinates();
        return Map.of(
                "quarkus.datasource.jdbc.url", at.jdbcUrl(),
                "quarkus.datasource.schedule.jdbc.url", at.socketUrl(),
                "quarkus.datasource.username", at.username(),
                "quarkus.datasource.password", at.password());
    }

    private static void stopDatabase(EmbeddedDatabase database, DataFolder.Lock lock, CountDownLatch quarkusStopped) {
        try (lock) {
            if (!quarkusStopped.await(STOP_PATIENCE_MINUTES, TimeUnit.MINUTES)) {
                System.err.println("The service does not come to its end; its database is stopped all the same");
            }
            database.close();
        } catch (IOException | EmbeddedDatabaseException e) {
            System.err.println("PostgreSQL did not stop in order: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T> T result(FutureTask<T> task) throws IOException, InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static boolean isMissing(String variable) {
        return value(variable).isEmpty();
    }

    /** Looked up as Quarkus does for these two sources, before Quarkus is there. */
    private static Optional<String> value(String variable) {
        String property = variable.toLowerCase(Locale.ROOT).replace('_', '.');
        return Stream.of(System.getProperty(property, ""), System.getenv().getOrDefault(variable, ""))
                .filter(value -> !value.isBlank())
                .findFirst();
    }

    /** Ends the process, after what was started so far has been put away by the shutdown hooks. */
    private static void fail(int exitCode, String message) {
        System.err.println(message);
        System.exit(exitCode);
    }
}
