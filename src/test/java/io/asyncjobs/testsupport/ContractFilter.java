package io.asyncjobs.testsupport;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.quarkus.test.junit.callback.QuarkusTestBeforeEachCallback;
import io.quarkus.test.junit.callback.QuarkusTestMethodContext;
import io.restassured.RestAssured;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.http.Header;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Sends what every {@code @QuarkusTest} asks of the API through the {@link ContractProxy}, where it is on; but for what
 * the proxy cannot carry.
 */
public final class ContractFilter implements QuarkusTestBeforeEachCallback, Filter {

    /** Prism fails at the answer to a HEAD, which has no body, and knows none but these. */
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");

    private static final ObjectMapper EXACT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final ObjectMapper ROUNDING = new ObjectMapper();

    @Override
    public void beforeEach(QuarkusTestMethodContext context) {
        RestAssured.replaceFiltersWith(ContractProxy.isOn() ? List.of(this) : List.of());
    }

    @Override
    public Response filter(
            FilterableRequestSpecification request, FilterableResponseSpecification response, FilterContext context) {
        URI uri = URI.create(request.getURI());
        boolean ofTheApi = uri.getRawPath().startsWith("/api/v1/") && uri.getPort() == RestAssured.port;
        Optional<Integer> proxy =
                ofTheApi && isCarried(request, uri) ? ContractProxy.before(uri.getPort()) : Optional.empty();
        if (proxy.isEmpty()) {
            return context.next(request, response);
        }
        request.port(proxy.get());
        Response answer = context.next(request, response);
        ContractProxy.check(
                request.getMethod(),
                uri.getRawPath(),
                answer.statusCode(),
                Optional.ofNullable(answer.header("sl-violations")));
        return answer;
    }

    /** Whether the proxy would pass the request on as it is; what it would change or choke on goes past it. */
    private static boolean isCarried(FilterableRequestSpecification request, URI uri) {
        // Node itself refuses more than 16 KiB of them
        int head = uri.toString().length();
        for (Header header : request.getHeaders()) {
            head += header.getName().length() + header.getValue().length() + 4;
        }
        boolean json = Objects.requireNonNullElse(request.getContentType(), "").contains("json");
        // Our own pages ask with their cookie, which the document does not offer to anybody else
        return !request.getCookies().hasCookieWithName(Pages.COOKIE)
                && head < 8_000
                && METHODS.contains(request.getMethod())
                && isUtf8(uri.getRawPath())
                && switch (request.getBody()) {
                    case null -> true;
                    case String body -> !json || staysTheSame(body);
                    // Prism takes every body for text
                    default -> false;
                };
    }

    /** Prism ends with an uncaught exception where a path does not decode. */
    private static boolean isUtf8(String path) {
        return !URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8)
                .contains("\uFFFD");
    }

    /**
     * Prism reads JSON and writes it anew, which refuses what is broken, joins double fields and rounds long numbers; it
     * forgets the quotes of a text that stands alone, and takes 0, false and null for no body.
     */
    private static boolean staysTheSame(String body) {
        if (body.isEmpty()) {
            return true;
        }
        try {
            JsonNode exact = EXACT.readTree(body);
            return exact.isContainerNode()
                    && exact.equals(EXACT.readTree(ROUNDING.readTree(body).toString()));
        } catch (IOException e) {
            return false;
        }
    }
}
