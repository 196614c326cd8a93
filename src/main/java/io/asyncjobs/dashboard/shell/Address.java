package io.asyncjobs.dashboard.shell;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A path with query parameters, for links; {@code toString} is encoded. Parameters without a value are left out. */
public record Address(String path, Map<String, String> parameters) {

    public Address {
        Map<String, String> given = new LinkedHashMap<>(parameters);
        given.values().removeIf(String::isEmpty);
        parameters = given;
    }

    public static Address of(String path) {
        return new Address(path, Map.of());
    }

    /** The same with another value of that parameter; without it if the value is null or empty. */
    public Address with(String name, @Nullable Object value) {
        Map<String, String> changed = new LinkedHashMap<>(parameters);
        changed.put(name, value == null ? "" : value.toString());
        return new Address(path, changed);
    }

    /** An answer that leads the browser to a path of this service; relative, since a proxy may have another name for it. */
    public static Response.ResponseBuilder seeOther(String path) {
        return Response.status(Response.Status.SEE_OTHER).header(HttpHeaders.LOCATION, path);
    }

    /** An answer that makes the browser send the same form to another path of this service. */
    static Response.ResponseBuilder sendAgain(String path) {
        return Response.status(Response.Status.TEMPORARY_REDIRECT).header(HttpHeaders.LOCATION, path);
    }

    @Override
    public String toString() {
        String query = parameters.entrySet().stream()
                .map(parameter -> encoded(parameter.getKey()) + "=" + encoded(parameter.getValue()))
                .collect(Collectors.joining("&"));
        return query.isEmpty() ? path : path + "?" + query;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
