package io.asyncjobs.provisioning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** The service did not do what a command asked for; the message says what was wrong, each fault with its place. */
final class FailedCallException extends IOException {

    private static final long serialVersionUID = 1L;

    private FailedCallException(String message) {
        super(message);
    }

    /** @param file what was sent, for places in it */
    static FailedCallException of(HttpResponse<byte[]> answer, String file) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        JsonNode problem;
        try {
            problem = new ObjectMapper().readTree(body);
        } catch (JsonProcessingException e) {
            // Not of the service, perhaps of a proxy in front of it
            return new FailedCallException("the service answered " + answer.statusCode() + ": " + body);
        }
        StringBuilder text = new StringBuilder(
                answer.statusCode() + " " + problem.path("title").asText());
        for (JsonNode violation : problem.path("violations")) {
            text.append('\n')
                    .append(place(violation, file))
                    .append(violation.path("field").asText())
                    .append(' ')
                    .append(violation.path("message").asText());
        }
        if (problem.path("violations").isEmpty() && problem.hasNonNull("detail")) {
            text.append('\n').append(problem.path("detail").asText());
        }
        return new FailedCallException(text.toString());
    }

    private static String place(JsonNode violation, String file) {
        return violation.hasNonNull("line")
                ? "%s:%d:%d: "
                        .formatted(
                                violation.path("file").asText(file),
                                violation.path("line").asInt(),
                                violation.path("column").asInt())
                : "";
    }
}
