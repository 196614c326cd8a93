package io.asyncjobs.connection;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.audit.Changes;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.security.Caller;
import jakarta.enterprise.event.Event;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells of changed connections: the audit trail in the same transaction, who holds something open for one after it. */
@Singleton
class ConnectionChanges {

    private final AuditTrail audit;
    private final Caller caller;
    private final Event<ConnectionDeleted> deleted;

    ConnectionChanges(AuditTrail audit, Caller caller, Event<ConnectionDeleted> deleted) {
        this.audit = audit;
        this.caller = caller;
        this.deleted = deleted;
    }

    /** All that can change of a connection, for comparing; of the secret only whether there is one. */
    static ObjectNode state(Connection connection) {
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        state.put("name", connection.name)
                .put("kind", connection.kind.name().toLowerCase(Locale.ROOT))
                .put("description", connection.description);
        state.set("settings", StoredJson.asStored(connection.settings));
        state.put("secret", connection.sealedSecret == null ? "none" : "stored");
        List<String> names = StoredSecrets.names(connection.namedSecrets);
        if (!names.isEmpty()) {
            ObjectNode secrets = state.putObject("secrets");
            names.forEach(name -> secrets.put(name, "stored"));
        }
        if (connection.tls != null) {
            state.set("tls", StoredJson.asStored(connection.tls));
        }
        return connection.sealedClientKey == null ? state : state.put("clientKey", "stored");
    }

    void created(Connection connection, @Nullable String reason) {
        tell(connection, "create", Changes.between(null, state(connection)), reason);
    }

    /**
     * Tells of what was changed.
     *
     * @param before what {@link #state} said before the change
     * @param draft of which a secret that the caller sent counts as another one
     * @return whether anything was
     */
    boolean replaced(Connection connection, ObjectNode before, ConnectionDraft draft) {
        ObjectNode after = state(connection);
        if (draft.secret() != null) {
            replaced(before, after, "secret");
        }
        if (draft.clientKey() != null) {
            replaced(before, after, "clientKey");
        }
        if (before.get("secrets") instanceof ObjectNode then && after.get("secrets") instanceof ObjectNode now) {
            draft.secrets().keySet().forEach(name -> replaced(then, now, name));
        }
        Changes changes = Changes.between(before, after);
        if (!changes.isEmpty()) {
            tell(connection, "update", changes, draft.reason());
        }
        return !changes.isEmpty();
    }

    private static void replaced(ObjectNode before, ObjectNode after, String field) {
        if (before.path(field).asText().equals("stored") && after.has(field)) {
            after.put(field, "replaced");
        }
    }

    void deleted(Connection connection, @Nullable String reason) {
        tell(connection, "delete", Changes.between(state(connection), null), reason);
        deleted.fire(new ConnectionDeleted(connection.id));
    }

    private void tell(Connection connection, String action, Changes changes, @Nullable String reason) {
        audit.record(AuditEntry.of(caller.name(), action, "connection", connection.id.toString())
                .named(connection.name)
                .with(changes)
                .because(reason));
    }
}
