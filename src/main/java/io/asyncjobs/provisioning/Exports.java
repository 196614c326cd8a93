package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.connection.Connections;
import io.asyncjobs.job.ConfiguredJob;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.script.ScriptSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** This environment as a manifest. */
@ApplicationScoped
class Exports {

    /**
     * Which jobs are exported; null takes all of them, and then accounts and connections too.
     *
     * @param name a part of the name, whatever its case
     * @param user the associated user
     */
    record Filter(
            @Nullable String name,
            @Nullable String user,
            @Nullable Boolean archived) {

        static final Filter ALL = new Filter(null, null, null);

        boolean isEmpty() {
            return name == null && user == null && archived == null;
        }

        boolean takes(ConfiguredJob job) {
            return (name == null || Name.key(job.name()).contains(Name.searched(name)))
                    && (user == null
                            || (job.associatedUser() != null && Name.key(user).equals(Name.key(job.associatedUser()))))
                    && (archived == null || archived == job.archived());
        }
    }

    private static final long VALUE_BYTES = 40;

    private final Accounts accounts;
    private final Connections connections;
    private final JobConfigurations jobs;
    private final ObjectMapper json;

    Exports(Accounts accounts, Connections connections, JobConfigurations jobs, ObjectMapper json) {
        this.accounts = accounts;
        this.connections = connections;
        this.jobs = jobs;
        this.json = json;
    }

    /**
     * The manifest, with scripts inline; everything in it is in the order of its names.
     *
     * @throws RefusedException where a job is stored damaged: an export that lacks something would remove it elsewhere
     */
    @Transactional
    ObjectNode manifest(Filter filter) {
        ObjectNode manifest = JsonNodeFactory.instance.objectNode();
        if (filter.isEmpty()) {
            ArrayNode users = JsonNodeFactory.instance.arrayNode();
            for (Tagged<AccountView> account : accounts.all()) {
                if (!Accounts.isOfEveryEnvironment(account.body().username())) {
                    users.add(account(account.body()));
                }
            }
            put(manifest, ManifestShape.ACCOUNTS, users);
            ArrayNode places = JsonNodeFactory.instance.arrayNode();
            connections.all().forEach(connection -> places.add(connection(connection.body())));
            put(manifest, ManifestShape.CONNECTIONS, places);
        }
        ArrayNode exported = manifest.putArray(ManifestShape.JOBS);
        Map<String, ScriptSource> scripts = new HashMap<>();
        long size = 0;
        for (ConfiguredJob job : jobs.all()) {
            if (filter.takes(job)) {
                exported.add(job(job, scripts));
                size += size(job, scripts);
                if (size > ManifestArchive.MAX_BYTES) {
                    throw new RefusedException(
                            "export-too-large",
                            "The jobs have more than %d bytes together. Export them in parts, by name or user."
                                    .formatted(ManifestArchive.MAX_BYTES));
                }
            }
        }
        return manifest;
    }

    private static void put(ObjectNode manifest, String list, ArrayNode entries) {
        if (!entries.isEmpty()) {
            manifest.set(list, entries);
        }
    }

    private static ObjectNode account(AccountView account) {
        ObjectNode entry = JsonNodeFactory.instance.objectNode().put("username", account.username());
        if (!account.displayName().equals(account.username())) {
            entry.put("displayName", account.displayName());
        }
        entry.put("kind", account.kind().name().toLowerCase(Locale.ROOT));
        if (account.email() != null) {
            entry.put("email", account.email());
        }
        return account.active() ? entry : entry.put("active", false);
    }

    private ObjectNode connection(ConnectionView connection) {
        if (connection.damaged()) {
            throw damaged("connection", connection.name());
        }
        ObjectNode entry = JsonNodeFactory.instance.objectNode().put("name", connection.name());
        if (connection.description() != null) {
            entry.put("description", connection.description());
        }
        Object settings = connection.http() == null ? connection.postgresql() : connection.http();
        JsonNode written = withoutNulls(json.valueToTree(settings));
        sortHeaders(written);
        entry.set(connection.http() == null ? "postgresql" : "http", written);
        if (connection.tls() != null) {
            entry.set("tls", json.valueToTree(connection.tls()));
        }
        SecretRefs.of(connection).write(entry);
        return entry;
    }

    private static JsonNode withoutNulls(JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            return value;
        }
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        object.properties().stream()
                .filter(field -> !field.getValue().isNull())
                .forEach(field -> kept.set(field.getKey(), withoutNulls(field.getValue())));
        return kept;
    }

    /** Headers are a map, which comes in any order. */
    private static void sortHeaders(JsonNode settings) {
        if (settings.get("headers") instanceof ObjectNode headers) {
            ObjectNode sorted = JsonNodeFactory.instance.objectNode();
            headers.properties().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(header -> sorted.set(header.getKey(), header.getValue()));
            ((ObjectNode) settings).set("headers", sorted);
        }
    }

    private ObjectNode job(ConfiguredJob job, Map<String, ScriptSource> scripts) {
        ScriptSource script = scripts.computeIfAbsent(job.scriptSha256(), sha256 -> jobs.script(sha256)
                .orElseThrow(() -> damaged("script of the job", job.name())));
        ObjectNode parameters = StoredJson.object(job.parameters());
        if (parameters == null) {
            throw damaged("job", job.name());
        }
        ObjectNode entry = JsonNodeFactory.instance.objectNode().put("name", job.name());
        if (job.description() != null) {
            entry.put("description", job.description());
        }
        if (job.archived()) {
            entry.put("archived", true);
        }
        if (job.associatedUser() != null) {
            entry.put("associatedUser", job.associatedUser());
        }
        entry.put("pollIntervalSeconds", job.pollIntervalSeconds()).put("timeoutSeconds", job.timeoutSeconds());
        JsonNode limits = withoutNulls(json.valueToTree(job.limits()));
        if (!limits.isEmpty()) {
            entry.set("limits", limits);
        }
        if (!parameters.isEmpty()) {
            entry.set("parameters", parameters);
        }
        if (job.parametersSchema() != null) {
            ObjectNode schema = StoredJson.object(job.parametersSchema());
            if (schema == null) {
                throw damaged("job", job.name());
            }
            entry.set("parametersSchema", schema);
        }
        return entry.put("script", script.text());
    }

    /** What it takes of memory, in bytes of text: a value of JSON takes many times its text. */
    private static long size(ConfiguredJob job, Map<String, ScriptSource> scripts) {
        String json = job.parameters() + Objects.requireNonNullElse(job.parametersSchema(), "");
        long values = json.chars()
                .filter(c -> c == ',' || c == ':' || c == '[' || c == '{')
                .count();
        ScriptSource script = scripts.get(job.scriptSha256());
        return json.length()
                + VALUE_BYTES * values
                + (script == null ? 0 : script.text().length());
    }

    private static RefusedException damaged(String what, String name) {
        return new RefusedException(
                "stored-damaged", "The %s '%s' is stored damaged. Repair it, then export again.".formatted(what, name));
    }
}
