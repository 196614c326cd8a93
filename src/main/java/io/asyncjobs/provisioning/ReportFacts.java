package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.provisioning.ConfigurationReport.Fact;
import io.asyncjobs.script.LimitsConfig;
import io.asyncjobs.setting.SettingView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Settings as pairs of a field and its value, in a fixed order, by the names that they have in the API. */
final class ReportFacts {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ReportFacts() {}

    static List<Fact> of(SettingView setting) {
        return List.of(
                new Fact("name", setting.name()),
                new Fact("type", setting.type()),
                new Fact("roles", String.join(" ", setting.roles())),
                new Fact("enabled", String.valueOf(setting.enabled())),
                new Fact("updatedAt", setting.updatedAt().toString()),
                new Fact("updatedBy", setting.updatedBy()));
    }

    static List<Fact> of(LimitsConfig limits) {
        return List.of(
                number("maxTimeoutSeconds", limits.maxTimeoutSeconds()),
                number("logBytes", limits.logBytes()),
                number("maxLogBytes", limits.maxLogBytes()),
                number("resultBytes", limits.resultBytes()),
                number("maxResultBytes", limits.maxResultBytes()),
                number("stateChars", limits.stateChars()),
                number("maxStateChars", limits.maxStateChars()),
                number("hostCalls", limits.hostCalls()),
                number("maxHostCalls", limits.maxHostCalls()),
                number("notedBytes", limits.notedBytes().asLongValue()),
                number("waitingBytes", limits.waitingBytes().asLongValue()),
                number("callBytes", limits.callBytes().asLongValue()));
    }

    /** All but the name; what is not set is left out. */
    static List<Fact> of(ConnectionView connection) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("kind", connection.kind().name().toLowerCase(Locale.ROOT)));
        if (connection.description() != null) {
            facts.add(new Fact("description", connection.description()));
        }
        facts.add(new Fact("hasSecret", String.valueOf(connection.hasSecret())));
        if (!connection.secretNames().isEmpty()) {
            facts.add(new Fact("secretNames", String.join(", ", connection.secretNames())));
        }
        connection
                .certificates()
                .forEach(certificate -> facts.add(new Fact(
                        "certificates." + certificate.use().name().toLowerCase(Locale.ROOT),
                        certificate.subject() + ", expires " + certificate.notAfter())));
        if (connection.damaged()) {
            facts.add(new Fact("damaged", "true"));
        }
        Stream.of("http", "postgresql").forEach(kind -> {
            Object settings = kind.equals("http") ? connection.http() : connection.postgresql();
            add(kind, JSON.valueToTree(settings), facts);
        });
        facts.add(new Fact("createdAt", connection.createdAt().toString()));
        facts.add(new Fact("createdBy", connection.createdBy()));
        facts.add(new Fact("updatedAt", connection.updatedAt().toString()));
        facts.add(new Fact("updatedBy", connection.updatedBy()));
        return facts;
    }

    private static void add(String path, JsonNode value, List<Fact> facts) {
        if (value instanceof ObjectNode object) {
            Stream<Map.Entry<String, JsonNode>> fields = object.properties().stream();
            // Headers are a map, which comes in any order
            (path.endsWith("headers") ? fields.sorted(Map.Entry.comparingByKey()) : fields)
                    .forEach(field -> add(path + "." + field.getKey(), field.getValue(), facts));
        } else if (!value.isNull()) {
            facts.add(new Fact(path, value.isTextual() ? value.textValue() : value.toString()));
        }
    }

    private static Fact number(String field, long value) {
        return new Fact(field, Long.toString(value));
    }
}
