package io.asyncjobs.testsupport;

import static org.awaitility.Awaitility.await;

import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packaged service as a real process, started by the launcher, for tests that kill it: {@code *IT} classes, which
 * run after packaging.
 *
 * <p>Listens on a free port of its own. What it says is in {@link #log()}, which a failing wait shows too.
 */
public final class ServiceProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Each generation says so of itself. */
    private static final Pattern HEAP_USED = Pattern.compile("total \\d+K, used (\\d+)K");

    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://[^\\s.]+(?:\\.\\d+)*:\\d+)");

    /**
     * Most of these tests are short and about something else than scripts: what compiles while they run, the service or
     * scripts, only takes the processors from them.
     */
    private static final Map<String, String> QUICK = Map.of(
            "JAVA_OPTS", "-XX:TieredStopAtLevel=1",
            "ASYNCJOBS_SCRIPT_COMPILE", "false",
            "ASYNCJOBS_SCRIPT_SPARE_WORKERS", "0");

    /** The service just as its users have it. */
    public static final Map<String, String> AS_DELIVERED =
            Map.of("JAVA_OPTS", "", "ASYNCJOBS_SCRIPT_COMPILE", "true", "ASYNCJOBS_SCRIPT_SPARE_WORKERS", "1");

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Process process;
    private final Path data;
    private final Path log;

    private ServiceProcess(Process process, Path data, Path log) {
        this.process = process;
        this.data = data;
        this.log = log;
    }

    /** Starts the service over that data folder and waits until it is ready. */
    public static ServiceProcess startIn(Path data) throws IOException {
        return startIn(data, Map.of());
    }

    /** As {@link #startIn(Path)}, with variables added to the environment. */
    public static ServiceProcess startIn(Path data, Map<String, String> environment) throws IOException {
        ServiceProcess service = launchIn(data, environment);
        try {
            service.awaitReady();
            return service;
        } catch (RuntimeException | Error e) {
            service.close();
            throw e;
        }
    }

    /** Starts the service and waits for nothing. */
    public static ServiceProcess launchIn(Path data, Map<String, String> environment) throws IOException {
        prepareCache();
        Path log = Files.createTempFile("asyncjobs-service", ".log");
        ProcessBuilder builder = launcher("start", "--port", "0", "--data", data.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(QUICK);
        builder.environment().putAll(environment);
        return new ServiceProcess(builder.start(), data, log);
    }

    /** How a command of the launcher ended and all that it printed. */
    public record Ended(int exitCode, String output) {}

    /** Runs the launcher to its end. */
    public static Ended command(String... arguments) throws IOException, InterruptedException {
        Process command = launcher(arguments).redirectErrorStream(true).start();
        String printed = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(command.waitFor(), printed);
    }

    /** What {@code ./asyncjobs token} prints for that folder, user and role. */
    public static String token(Path data, String user, String role) throws IOException, InterruptedException {
        Process token = launcher("token", "--user", user, "--role", role, "--data", data.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(token.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (token.waitFor() != 0) {
            throw new IllegalStateException("No token");
        }
        return printed.strip();
    }

    /** Waits until the service answers that it is ready. */
    public void awaitReady() {
        await("ready, what it says is in " + log)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .failFast("The service ended", () -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException(
                                "The service ended with " + process.exitValue() + ":\n" + log());
                    }
                })
                .until(this::isReady);
    }

    public boolean isReady() {
        try {
            return address().isPresent() && get("/q/health/ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Where it listens, once it does. */
    public URI uri() {
        return address().orElseThrow(() -> new IllegalStateException("The service does not listen:\n" + log()));
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(uri().resolve(path))
                        .timeout(Duration.ofSeconds(5))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> get(String path, String token) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(uri().resolve(path))
                        .header("Authorization", "Bearer " + token)
                        .timeout(Duration.ofSeconds(5))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** A request to it by whoever has that token. */
    public RequestSpecification request(String token) {
        return RestAssured.given()
                .baseUri(uri().toString())
                .auth()
                .oauth2(token)
                .contentType(ContentType.JSON);
    }

    /** As {@link #request}, with paths below {@code /api/v1}. */
    public RequestSpecification api(String token) {
        return request(token).basePath("/api/v1");
    }

    public long pid() {
        return process.pid();
    }

    public Path data() {
        return data;
    }

    /** All that the process has printed so far. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The process of its embedded PostgreSQL, if one is running. */
    public Optional<ProcessHandle> postmaster() throws IOException {
        Path lockFile = data.resolve("postgres/cluster/postmaster.pid");
        if (!Files.exists(lockFile)) {
            return Optional.empty();
        }
        String pid = Files.readString(lockFile).lines().findFirst().orElse("").strip();
        return pid.isEmpty()
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive);
    }

    /** A connection to its embedded PostgreSQL, as the service's own role. */
    public Connection connect() throws IOException, SQLException {
        String port = Files.readAllLines(data.resolve("postgres/cluster/postmaster.pid"))
                .get(3);
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/asyncjobs",
                "asyncjobs",
                Files.readString(data.resolve("database.password")).strip());
    }

    /** What its heap holds after a collection. */
    public long heapKilobytes() throws IOException, InterruptedException {
        jcmd("GC.run");
        long used = HEAP_USED
                .matcher(jcmd("GC.heap_info"))
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
        if (used <= 0) {
            throw new IllegalStateException("The service does not tell what its heap holds");
        }
        return used;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IllegalStateException(said);
        }
        return said;
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; returns the exit code. */
    public int terminate() throws InterruptedException {
        process.destroy();
        return awaitExit();
    }

    /** Waits for the process to end by itself; returns the exit code. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("The service does not end:\n" + log());
        }
        return process.exitValue();
    }

    /** Leaves no process behind, whatever the test did. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Optional<ProcessHandle> orphan = postmaster();
        if (orphan.isPresent()) {
            orphan.get().destroyForcibly();
            orphan.get().onExit().join();
        }
        Files.deleteIfExists(log);
    }

    private Optional<URI> address() {
        Matcher matcher = LISTENING.matcher(log());
        return matcher.find() ? Optional.of(URI.create(matcher.group(1))) : Optional.empty();
    }

    /** The cache that a user's build makes for a quick start: Maven's makes none. Once for all processes that test. */
    private static void prepareCache() throws IOException {
        try (FileChannel channel = FileChannel.open(
                        Path.of("target", "cache.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock unused = channel.lock()) {
            Process cache = launcher("cache").inheritIO().start();
            if (cache.waitFor() != 0) {
                throw new IllegalStateException("The cache for a quick start cannot be made");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static ProcessBuilder launcher(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Path.of("asyncjobs").toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        // Maven has just packaged what is tested
        builder.environment().put("ASYNCJOBS_BUILD", "never");
        builder.environment().remove("ASYNCJOBS_DATA");
        // These tests are about what the service brings along: a database, an issuer or keys given to the others are
        // not for them
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("QUARKUS_DATASOURCE_")
                        || name.startsWith("MP_JWT_VERIFY_")
                        || name.startsWith("ASYNCJOBS_AUDIT_"));
        return builder;
    }
}
