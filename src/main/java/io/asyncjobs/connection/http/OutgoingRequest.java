package io.asyncjobs.connection.http;

import io.asyncjobs.connection.CallAddress;
import io.asyncjobs.connection.CallHeaders;
import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.connection.OpenConnection;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is sent for a call, but for what says who calls; a redirect makes another one of it. */
@SuppressWarnings("ArrayRecordComponent") // Sent, compared never
record OutgoingRequest(String method, URI address, Map<String, String> headers, byte @Nullable [] body) {

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
    private static final int MAX_REQUEST_BYTES = 4 * 1024 * 1024;

    /**
     * The request of a call.
     *
     * @throws ConnectionCallException when the call may not be made
     */
    static OutgoingRequest of(HttpCall call, OpenConnection<HttpSettings> connection) {
        String name = connection.name();
        if (!METHODS.contains(call.method())) {
            throw HttpFailures.refused(name, "the method must be one of GET, HEAD, POST, PUT, PATCH, DELETE");
        }
        String fault = CallAddress.fault(call.path());
        if (fault != null) {
            throw HttpFailures.refused(name, "the path " + fault);
        }
        HttpSettings settings = connection.settings();
        Map<String, String> headers = headers(call, connection);
        byte[] body = body(call, connection, headers);
        if (!names(headers, "accept") && !names(settings.headers(), "accept")) {
            headers.put("Accept", "application/json, */*;q=0.8");
        }
        HttpSecrets.Sign sign = call.secrets().sign();
        if (sign != null) {
            headers.put(
                    sign.header(),
                    SecretsOfCalls.signature(connection, sign, headers, body == null ? new byte[0] : body));
        }
        headers.putAll(settings.headers());
        return new OutgoingRequest(call.method(), CallAddress.of(settings.baseUrl(), call.path()), headers, body);
    }

    /** The same with what says who calls. */
    OutgoingRequest with(Map<String, String> credentials) {
        Map<String, String> all = new HashMap<>(headers);
        all.putAll(credentials);
        return new OutgoingRequest(method, address, all, body);
    }

    /** What a redirect asks for instead. */
    OutgoingRequest redirected(HttpResponse<?> response, OpenConnection<HttpSettings> connection) {
        int status = response.statusCode();
        String location = response.headers().firstValue("location").orElse("");
        URI target = CallAddress.redirected(connection.settings().baseUrl(), address, location);
        if (target == null) {
            throw HttpFailures.of(
                    "redirect",
                    connection.name(),
                    "answered %d with a redirect that leads out of the connection".formatted(status),
                    status);
        }
        boolean asGet = !method.equals("HEAD")
                && (status == 303 || ((status == 301 || status == 302) && method.equals("POST")));
        if (!asGet) {
            return new OutgoingRequest(method, target, headers, body);
        }
        Map<String, String> ofGet = new HashMap<>(headers);
        ofGet.keySet().removeIf(name -> name.regionMatches(true, 0, "content-", 0, "content-".length()));
        return new OutgoingRequest("GET", target, ofGet, null);
    }

    private static Map<String, String> headers(HttpCall call, OpenConnection<HttpSettings> connection) {
        if (call.headers().size() > CallHeaders.MAX_COUNT) {
            throw HttpFailures.refused(connection.name(), "at most " + CallHeaders.MAX_COUNT + " headers may be set");
        }
        Map<String, String> headers = new HashMap<>();
        call.headers().forEach((header, value) -> {
            String wrong = CallHeaders.faultOfScript(header, value, connection.settings());
            if (wrong != null) {
                throw HttpFailures.refused(
                        connection.name(), "'" + ConnectionCallException.shown(header) + "' " + wrong);
            }
            headers.put(header, value);
        });
        return headers;
    }

    /** The bytes to send, if any; says in the headers what they are. */
    private static byte @Nullable [] body(
            HttpCall call, OpenConnection<HttpSettings> connection, Map<String, String> headers) {
        String name = connection.name();
        Map<String, String> fields = call.secrets().fields();
        HttpBody given = call.body();
        if (given == null && fields.isEmpty()) {
            return null;
        }
        if (call.method().equals("GET") || call.method().equals("HEAD")) {
            throw HttpFailures.refused(name, call.method() + " takes no body");
        }
        HttpBody.Encoded encoded = encoded(name, given == null ? new HttpBody(HttpBody.Kind.JSON, "") : given);
        String type = contentType(headers, connection.settings());
        // The boundary between parts stands in the media type: nobody else can name it
        if (given != null && given.kind() == HttpBody.Kind.MULTIPART && type != null) {
            throw HttpFailures.refused(name, "a multipart body sets its own content-type");
        }
        if (type == null) {
            type = encoded.mediaType();
            headers.put("Content-Type", type);
        }
        if (!fields.isEmpty()) {
            encoded = new HttpBody.Encoded(
                    SecretsOfCalls.filled(connection, fields, encoded.bytes(), type), encoded.mediaType());
        }
        if (encoded.bytes().length > MAX_REQUEST_BYTES) {
            throw HttpFailures.refused(
                    name,
                    "a body may be at most %d bytes, but is %d".formatted(MAX_REQUEST_BYTES, encoded.bytes().length));
        }
        if (!call.gzip()) {
            return encoded.bytes();
        }
        headers.put("Content-Encoding", "gzip");
        return encoded.gzipped();
    }

    private static HttpBody.Encoded encoded(String connection, HttpBody body) {
        try {
            return body.encoded();
        } catch (HttpBody.MalformedBodyException e) {
            throw HttpFailures.refused(connection, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable String contentType(Map<String, String> headers, HttpSettings settings) {
        return Stream.of(headers, settings.headers())
                .flatMap(of -> of.entrySet().stream())
                .filter(header -> header.getKey().equalsIgnoreCase("content-type"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static boolean names(Map<String, String> headers, String name) {
        return headers.keySet().stream().anyMatch(name::equalsIgnoreCase);
    }
}
