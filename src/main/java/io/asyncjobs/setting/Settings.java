package io.asyncjobs.setting;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.audit.Changes;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.http.EntityTags;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.security.Caller;
import jakarta.inject.Singleton;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be done with the system setting. Each call is a transaction of its own or joins the caller's. */
@Singleton
public class Settings {

    private final SettingRepository repository;
    private final DatabaseClock clock;
    private final Caller caller;
    private final AuditTrail audit;

    Settings(SettingRepository repository, DatabaseClock clock, Caller caller, AuditTrail audit) {
        this.repository = repository;
        this.clock = clock;
        this.caller = caller;
        this.audit = audit;
    }

    /** Whether the dashboard shows the component; jobs run either way. */
    @Transactional
    public boolean isEnabled() {
        return repository.findById(Setting.ASYNC_JOB_MANAGER).enabled;
    }

    /** The setting, with the tag that a change of it names. */
    @Transactional
    public Tagged<SettingView> get() {
        return tagged(repository.findById(Setting.ASYNC_JOB_MANAGER));
    }

    /**
     * Changes what is not fixed.
     *
     * @throws InvalidException for another name or type
     * @throws RefusedException for other roles
     */
    @Transactional
    public Tagged<SettingView> replace(SettingDraft draft, @Nullable String ifMatch) {
        Setting setting = repository.findById(Setting.ASYNC_JOB_MANAGER, LockModeType.PESSIMISTIC_WRITE);
        EntityTags.requireMatch(ifMatch, etag(setting));
        requireFixed(setting, draft);
        if (setting.enabled != draft.enabled()) {
            ObjectNode before = state(setting);
            setting.enabled = draft.enabled();
            setting.updatedAt = clock.now();
            setting.updatedBy = caller.name();
            repository.flush();
            audit.record(AuditEntry.of(caller.name(), "update", "setting", setting.key)
                    .named(setting.name)
                    .with(Changes.between(before, state(setting)))
                    .because(draft.reason()));
        }
        return tagged(setting);
    }

    private static void requireFixed(Setting setting, SettingDraft draft) {
        List<Violation> violations = new ArrayList<>();
        if (draft.name() != null && !draft.name().equals(setting.name)) {
            violations.add(new Violation("name", "must stay " + setting.name + "; it is fixed"));
        }
        if (draft.type() != null && !draft.type().equals(setting.type)) {
            violations.add(new Violation("type", "must stay " + setting.type + "; it is fixed"));
        }
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        if (draft.roles() != null && !Set.copyOf(draft.roles()).equals(Set.copyOf(setting.roles))) {
            throw new RefusedException(
                    "setting-roles-fixed",
                    draft.roles().isEmpty()
                            ? "The roles stay superadmin: without one, nobody could use the Async Job Manager."
                            : "The roles stay superadmin: who may write scripts may do whatever their accounts may, so no other role is let in.");
        }
    }

    private static ObjectNode state(Setting setting) {
        ObjectNode state = JsonNodeFactory.instance
                .objectNode()
                .put("name", setting.name)
                .put("type", setting.type)
                .put("enabled", setting.enabled);
        setting.roles.forEach(state.putArray("roles")::add);
        return state;
    }

    private static Tagged<SettingView> tagged(Setting setting) {
        return new Tagged<>(SettingView.of(setting), etag(setting));
    }

    private static String etag(Setting setting) {
        return EntityTags.strong(Integer.toString(setting.version));
    }
}
