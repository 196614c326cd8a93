package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.AccountDraft;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.connection.Connections;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.connection.PostgresqlSettings;
import io.asyncjobs.connection.SecretsState;
import io.asyncjobs.connection.TlsSettings;
import io.asyncjobs.platform.Name;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a plan compares of accounts and connections, by the names of the fields. */
@Singleton
class ComparedFields {

    private final ObjectMapper json;

    ComparedFields(ObjectMapper json) {
        this.json = json;
    }

    /** Of an account. */
    Map<String, JsonNode> of(AccountView account) {
        ObjectNode fields = JsonNodeFactory.instance
                .objectNode()
                .put("displayName", account.displayName())
                .put("kind", account.kind().toString().toLowerCase(Locale.ROOT))
                .put("email", account.email())
                .put("active", account.active());
        return asMap(fields);
    }

    /** Of an account as it is wanted. */
    Map<String, JsonNode> of(AccountDraft wanted, @Nullable AccountView present) {
        String displayName = wanted.displayName();
        String standard = present == null ? Name.of(wanted.username()).text() : present.username();
        ObjectNode fields = JsonNodeFactory.instance
                .objectNode()
                .put(
                        "displayName",
                        displayName == null ? standard : Name.of(displayName).text())
                .put("kind", wanted.kind().toString().toLowerCase(Locale.ROOT))
                .put("email", wanted.email())
                .put("active", wanted.active());
        return asMap(fields);
    }

    /** Of a connection. */
    Map<String, JsonNode> of(ConnectionView connection) {
        return of(
                connection.description(),
                connection.http(),
                connection.postgresql(),
                connection.tls(),
                SecretsState.of(connection));
    }

    /** Of a connection as it is wanted. */
    Map<String, JsonNode> of(Connections.Preview wanted) {
        return of(wanted.draft().description(), wanted.http(), wanted.postgresql(), wanted.tls(), wanted.secrets());
    }

    private Map<String, JsonNode> of(
            @Nullable String description,
            @Nullable HttpSettings http,
            @Nullable PostgresqlSettings postgresql,
            @Nullable TlsSettings tls,
            SecretsState secrets) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("description", description);
        fields.set("http", json.valueToTree(http));
        fields.set("postgresql", json.valueToTree(postgresql));
        fields.set("tls", json.valueToTree(tls));
        fields.put("secret", secrets.secret()).put("clientKey", secrets.clientKey());
        fields.set("secrets", json.valueToTree(secrets.named()));
        return asMap(fields);
    }

    private static Map<String, JsonNode> asMap(ObjectNode fields) {
        Map<String, JsonNode> byName = new LinkedHashMap<>();
        fields.properties().forEach(field -> byName.put(field.getKey(), field.getValue()));
        return byName;
    }
}
