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
        return state.put("secret", connection.sealedSecret == null ? "none" : "stored");
    }

    void created(Connection connection, @Nullable String reason) {
        tell(connection, "create", Changes.between(null, state(connection)), reason);
    }

    /**
     * Tells of what was changed.
     *
     * @param before what {@link #state} said before the change
     * @param secretGiven whether the caller sent a secret, which counts as another one
     * @return whether anything was
     */
    boolean replaced(Connection connection, ObjectNode before, boolean secretGiven, @Nullable String reason) {
        ObjectNode after = state(connection);
        if (secretGiven && before.get("secret").textValue().equals("stored")) {
            after.put("secret", "replaced");
        }
        Changes changes = Changes.between(before, after);
        if (!changes.isEmpty()) {
            tell(connection, "update", changes, reason);
        }
        return !changes.isEmpty();
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
