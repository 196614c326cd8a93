package io.asyncjobs.dashboard.audit;

import io.asyncjobs.audit.AuditBy;
import io.asyncjobs.audit.AuditFilter;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.platform.Instants;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.json.Texts;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The query of the audit trail. Instants are typed in UTC, as a browser's field gives them: {@code 2026-01-31T12:00}. */
@SuppressWarnings("NullAway.Init") // Set by the framework
public class AuditQuery {

    private static final List<String> TYPES =
            List.of("job", "run", "state", "account", "connection", "setting", "plan", "sign-in");
    private static final List<String> ACTIONS = List.of(
            "create",
            "update",
            "delete",
            "archive",
            "unarchive",
            "pause",
            "resume",
            "revert",
            "run",
            "cancel",
            "plan",
            "approve",
            "apply",
            "refuse");

    private static final String LATEST_FIRST = "-seq";
    private static final String EXPORT = "/api/v1/audit/export";

    @QueryParam("entityType")
    @DefaultValue("")
    String entityType;

    @QueryParam("entity")
    @DefaultValue("")
    String entity;

    @QueryParam("actor")
    @DefaultValue("")
    String actor;

    @QueryParam("from")
    @DefaultValue("")
    String from;

    @QueryParam("to")
    @DefaultValue("")
    String to;

    @QueryParam("by")
    @Nullable
    AuditBy by;

    @QueryParam("action")
    @DefaultValue("")
    String action;

    @QueryParam("sort")
    @DefaultValue(LATEST_FIRST)
    String sort;

    @BeanParam
    PageRequest page;

    /** What is wanted; an instant that cannot be read does not matter, see {@link #faulty}. */
    AuditFilter filter() {
        return new AuditFilter(
                orNull(entityType),
                orNull(entity),
                orNull(actor),
                null,
                null,
                instant(from),
                instant(to),
                action.isBlank() ? by : AuditBy.PEOPLE,
                orNull(action));
    }

    /** With filter and order, without the page. */
    Address address() {
        return with(Address.of(Shell.Section.AUDIT.path()), from, to)
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size())
                .with("sort", sort.equals(LATEST_FIRST) ? null : sort);
    }

    /** Where the same events come as a file. */
    public String exportAddress() {
        return with(Address.of(EXPORT), instant(from), instant(to)).toString();
    }

    private Address with(Address address, @Nullable Object begin, @Nullable Object end) {
        return address.with("entityType", entityType)
                .with("entity", entity)
                .with("actor", actor)
                .with("by", by())
                .with("action", action)
                .with("from", begin)
                .with("to", end);
    }

    public String entityType() {
        return entityType;
    }

    public String entity() {
        return entity;
    }

    public String actor() {
        return actor;
    }

    /** {@code people}, {@code scripts}, or empty for both. An action is one of people. */
    public String by() {
        AuditBy shown = action.isBlank() ? by : AuditBy.PEOPLE;
        return shown == null ? "" : shown.name().toLowerCase(Locale.ROOT);
    }

    public String action() {
        return action;
    }

    /** What people do something to; with what was asked for, where that is another. */
    public List<String> types() {
        return with(TYPES, entityType);
    }

    /** What people do; likewise. */
    public List<String> actions() {
        return with(ACTIONS, action);
    }

    private static List<String> with(List<String> choices, String asked) {
        return asked.isBlank() || choices.contains(asked)
                ? choices
                : Stream.concat(choices.stream(), Stream.of(asked)).toList();
    }

    /** As a browser's field takes it, or as it was typed. */
    public String from() {
        return shown(from);
    }

    /** As a browser's field takes it, or as it was typed. */
    public String to() {
        return shown(to);
    }

    public boolean isFromFaulty() {
        return isFaulty(from);
    }

    public boolean isToFaulty() {
        return isFaulty(to);
    }

    /** Whether an instant cannot be read. */
    boolean faulty() {
        return isFromFaulty() || isToFaulty();
    }

    /** Whether anything is left out. */
    public boolean filters() {
        return !(entityType + entity + actor + by() + from + to).isBlank();
    }

    /** The other order. */
    public String turned() {
        return address().with("sort", sort.equals("seq") ? null : "seq").toString();
    }

    public boolean isOldestFirst() {
        return sort.equals("seq");
    }

    private static String shown(String typed) {
        Instant instant = instant(typed);
        return instant == null
                ? typed
                : LocalDateTime.ofInstant(instant, ZoneOffset.UTC).toString();
    }

    private static boolean isFaulty(String typed) {
        return !typed.isBlank() && instant(typed) == null;
    }

    private static @Nullable Instant instant(String typed) {
        String text = typed.strip().replace(' ', 'T');
        try {
            if (text.length() == "2026-01-31".length()) {
                return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            return Instants.bounded(
                    text.endsWith("Z") || text.matches(".*[+-]\\d\\d:\\d\\d")
                            ? OffsetDateTime.parse(text).toInstant()
                            : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable String orNull(String text) {
        return text.isBlank() ? null : Texts.storable(text);
    }
}
