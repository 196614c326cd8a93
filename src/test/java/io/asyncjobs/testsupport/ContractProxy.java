package io.asyncjobs.testsupport;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Prism between a test and the service: it compares each exchange with the document that the service serves. On with
 * {@code -Dcontract.proxy=true}, which {@code ./asyncjobs test} sets.
 *
 * <p>An answer that is not as the document says is a failure; so is a request that the document forbids and the service
 * carries out. The document it compares with is stricter than the one that is served: no object of an answer has a field
 * that is not named.
 */
public final class ContractProxy {

    /** What was compared, a line an exchange: method, path, status. */
    public static final Path EXCHANGES = Path.of("target", "contract", "exchanges.txt");

    /** What was compared with. */
    public static final Path DOCUMENT = Path.of("target", "contract", "openapi.json");

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Quarkus loads test classes more than once; the JVM's properties are the one place they all share. */
    private static final String PROPERTY = "asyncjobs.test.proxy.";

    private ContractProxy() {}

    /** Whether exchanges are to be compared. */
    public static boolean isOn() {
        return Boolean.getBoolean("contract.proxy");
    }

    /** The port of the proxy before the service at that port of this machine, started when it is not; empty when off. */
    public static Optional<Integer> before(int servicePort) {
        if (!isOn()) {
            return Optional.empty();
        }
        synchronized (System.getProperties()) {
            String known = System.getProperty(PROPERTY + servicePort);
            if (known == null) {
                known = available() ? Integer.toString(start(servicePort)) : "";
                System.setProperty(PROPERTY + servicePort, known);
            }
            return known.isEmpty() ? Optional.empty() : Optional.of(Integer.valueOf(known));
        }
    }

    /**
     * Fails where an exchange breaks the contract.
     *
     * @param violations what the proxy found: its header {@code sl-violations}
     */
    public static void check(String method, String path, int status, Optional<String> violations) {
        if (!isOn()) {
            return;
        }
        boolean carriedOut = status < 400;
        List<String> breaches = new ArrayList<>();
        if (violations.isPresent()) {
            String found = violations.get();
            if (!found.startsWith("[")) {
                breaches.add(found);
            } else {
                for (JsonNode violation : read(found)) {
                    boolean ofAnswer =
                            violation.path("location").path(0).asText().equals("response");
                    if (ofAnswer || carriedOut) {
                        breaches.add(violation.toString());
                    }
                }
            }
        }
        if (!breaches.isEmpty()) {
            throw new AssertionError("%s %s was answered %d, which openapi.yaml does not allow:\n%s"
                    .formatted(method, path, status, String.join("\n", breaches)));
        }
        try {
            Files.writeString(
                    EXCHANGES,
                    "%s %s %d%n".formatted(method, path, status),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean available() {
        if (NodeTools.available()) {
            return true;
        }
        if (System.getenv("CI") != null) {
            throw new AssertionError("npm is missing; it is needed where CI is set");
        }
        System.err.println("npm is missing: exchanges are not compared with openapi.yaml");
        return false;
    }

    private static int start(int servicePort) {
        try {
            writeDocument(servicePort);
            int port = freePort();
            Process prism = NodeTools.builder(
                            "prism",
                            "proxy",
                            DOCUMENT.toAbsolutePath().toString(),
                            "http://127.0.0.1:" + servicePort,
                            "--host",
                            "127.0.0.1",
                            "--port",
                            Integer.toString(port),
                            "--cors=false",
                            "--verboseLevel",
                            "warn")
                    .redirectErrorStream(true)
                    .redirectOutput(Path.of("target", "contract", "prism-" + servicePort + ".log")
                            .toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(prism::destroyForcibly));
            await("Prism listens")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        if (!prism.isAlive()) {
                            throw new IllegalStateException("Prism ended with " + prism.exitValue()
                                    + "; why is in target/contract/prism-" + servicePort + ".log");
                        }
                        return listens(port);
                    });
            return port;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeDocument(int servicePort) throws IOException {
        Files.createDirectories(DOCUMENT.getParent());
        if (System.getProperty(PROPERTY + "begun") == null) {
            Files.deleteIfExists(EXCHANGES);
            System.setProperty(PROPERTY + "begun", "true");
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> served = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + servicePort + "/q/openapi?format=json"))
                            .header("Authorization", "Bearer " + Tokens.superadmin("alice"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            JsonNode document = read(served.body());
            for (JsonNode schema : document.path("components").path("schemas")) {
                if (schema.has("properties") && !schema.has("additionalProperties")) {
                    ((ObjectNode) schema).put("additionalProperties", false);
                }
            }
            Files.writeString(DOCUMENT, document.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
