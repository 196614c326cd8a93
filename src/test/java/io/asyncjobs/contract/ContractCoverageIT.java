package io.asyncjobs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.ContractProxy;
import io.asyncjobs.testsupport.NodeTools;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Whether the comparison of exchanges with {@code openapi.yaml} was one: of the tests that have just run, all of them,
 * each operation must have been seen at work and refused. An {@code *IT} because these run last.
 */
class ContractCoverageIT {

    /** Well below what there is; far above what is left when the proxy sees only a part of the tests. */
    private static final int AT_LEAST = 1_200;

    private record Exchange(String method, String path, int status) {}

    @Test
    void each_operation_was_seen_at_work_and_refused() throws IOException {
        Assumptions.assumeTrue(ContractProxy.isOn(), "Exchanges are compared with -Dcontract.proxy=true");
        Assumptions.assumeTrue(System.getProperty("test") == null, "Only some of the tests were run");
        NodeTools.require();
        List<Exchange> exchanges = Files.readAllLines(ContractProxy.EXCHANGES).stream()
                .map(line -> line.split(" ", -1))
                .map(fields -> new Exchange(fields[0], fields[1], Integer.parseInt(fields[2])))
                .toList();
        System.out.printf("%d exchanges were compared with openapi.yaml%n", exchanges.size());

        List<String> unseen = new ArrayList<>();
        JsonNode document = new ObjectMapper().readTree(ContractProxy.DOCUMENT.toFile());
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            Pattern address = Pattern.compile(path.getKey().replaceAll("\\{[^}]+}", "[^/]+"));
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                String method = operation.getKey().toUpperCase(Locale.ROOT);
                List<Integer> statuses = exchanges.stream()
                        .filter(exchange -> exchange.method().equals(method))
                        .filter(exchange -> address.matcher(exchange.path()).matches())
                        .map(Exchange::status)
                        .toList();
                String name = operation.getValue().path("operationId").asText();
                if (statuses.stream().noneMatch(status -> status < 300)) {
                    unseen.add(name + " was never carried out");
                }
                if (statuses.stream().noneMatch(status -> status >= 400)) {
                    unseen.add(name + " was never refused");
                }
            }
        }
        assertThat(unseen).isEmpty();
        assertThat(exchanges).hasSizeGreaterThan(AT_LEAST);
    }
}
