package io.asyncjobs.dashboard.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.AuditConfig;
import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Problems;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.shape.RecordShape;
import io.asyncjobs.platform.text.LineEnds;
import jakarta.inject.Singleton;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fills forms and reads them: by the API's drafts, so that both take the same and say the same. */
@Singleton
public class Forms {

    /** A form that asks for nothing but why. */
    record Reason(
            @Size(max = ReasonParameter.MAX_LENGTH) @Nullable
            String reason) {}

    private final ObjectMapper json;
    private final StrictJson strict;
    private final Problems problems;
    private final AuditConfig audit;

    Forms(ObjectMapper json, StrictJson strict, Problems problems, AuditConfig audit) {
        this.json = json;
        this.strict = strict;
        this.problems = problems;
        this.audit = audit;
    }

    /** An empty form with what the draft takes when a field is left out. */
    public FormFields fresh(String id, Class<? extends Record> draft) {
        Map<String, String> standard = new LinkedHashMap<>();
        RecordShape shape = RecordShape.of(draft);
        shape.leaves().forEach((path, field) -> standard.put(path, field.standard()));
        return fields(id, shape, standard, "");
    }

    /** A form that asks for nothing but why. */
    public FormFields reason(String id, String etag) {
        return fields(id, RecordShape.of(Reason.class), Map.of(), etag);
    }

    /** A form with what is stored. */
    public FormFields stored(String id, Class<? extends Record> draft, Tagged<?> stored) {
        Map<String, String> values = new LinkedHashMap<>();
        flatten(json.valueToTree(stored.body()), "", values);
        return fields(id, RecordShape.of(draft), values, stored.etag());
    }

    private FormFields fields(String id, RecordShape shape, Map<String, String> values, String etag) {
        return new FormFields(
                id, shape, values, values, Map.of(), etag, FormFields.Standing.AS_STORED, audit.reasonRequired());
    }

    /**
     * What was typed over a state that the form sent along.
     *
     * @param paths the fields that others may change too
     * @param now what is stored
     */
    public Editing editing(List<String> paths, FormFields now, TypedForm typed) {
        Map<String, String> before = asStored(typed.beginning(Editing.BEFORE), now);
        for (String path : paths) {
            // A box that is not ticked and a choice that was not made are no texts
            if (before.containsKey(path) && now.rules(path).options().isEmpty()) {
                typed.with(path, LineEnds.restored(typed.value(path), before.get(path)));
            }
        }
        return new Editing(
                paths,
                (path, a, b) -> a.strip().equals(b.strip()),
                typed,
                before,
                asStored(typed.beginning(Editing.OLDER), now));
    }

    /** Texts that came along in a form lost their line ends on the way; where the lines are still stored, they get them back. */
    private static Map<String, String> asStored(Map<String, String> sent, FormFields now) {
        sent.replaceAll((path, text) -> LineEnds.restored(text, now.storedValue(path)));
        return sent;
    }

    /** The form with what was typed, none of which is wrong or stored yet. */
    public FormFields kept(FormFields now, Editing edit) {
        return shown(now, edit, List.of(), null, false);
    }

    /** The form that comes back: with what was typed, but for secrets, and with what is wrong. */
    public FormFields refused(FormFields now, Editing edit, DomainException failure) {
        boolean stale = failure instanceof StaleException && !now.etag().isEmpty();
        List<Violation> violations = failure instanceof InvalidException wrong ? wrong.violations() : List.of();
        return shown(now, edit, violations, stale || !violations.isEmpty() ? null : failure.getMessage(), stale);
    }

    private static FormFields shown(
            FormFields now, Editing edit, List<Violation> violations, @Nullable String refusal, boolean stale) {
        return new FormFields(
                now.id(),
                now.shape(),
                withoutSecrets(now, edit.typed()),
                now.stored(),
                sent(now, edit),
                now.etag().isEmpty() ? "" : edit.version(),
                new FormFields.Standing(
                        violations,
                        refusal,
                        stale,
                        edit.typed().isKept(),
                        edit.conflicts(),
                        edit.taken().stream().toList()),
                now.reasonRequired());
    }

    /** As {@link #refused(FormFields, Editing, DomainException)}, of a form that changes nothing but what it is about. */
    public FormFields refused(FormFields now, TypedForm typed, DomainException failure) {
        Editing edit = new Editing(List.of(), (path, a, b) -> a.equals(b), typed, Map.of(), Map.of());
        FormFields shown = refused(now, edit, failure);
        return shown.stale() ? shown.tagged(now.etag()) : shown;
    }

    /** Of what the form goes over, the fields that it sends along. */
    private static Map<String, String> sent(FormFields now, Editing edit) {
        Map<String, String> sent = new LinkedHashMap<>();
        now.before().keySet().forEach(path -> {
            if (edit.version().equals(now.etag())) {
                sent.put(path, now.storedValue(path));
            } else if (edit.before().containsKey(path)) {
                sent.put(path, edit.before().get(path));
            }
        });
        return sent;
    }

    private static Map<String, String> withoutSecrets(FormFields form, TypedForm typed) {
        Map<String, String> shown = new LinkedHashMap<>(typed.values());
        shown.keySet().removeIf(path -> form.rules(path).secret());
        return shown;
    }

    /** Adds that a reason is missing, where nothing is done without one. */
    public void requireReason(TypedForm typed, List<Violation> violations) {
        boolean said =
                violations.stream().anyMatch(violation -> violation.field().equals("reason"));
        if (audit.reasonRequired() && !said && typed.value("reason").isBlank()) {
            violations.add(ReasonParameter.missing());
        }
    }

    /** The page with the form that comes back, under the status that the API would answer. */
    public Response answer(DomainException failure, Object page) {
        return Response.status(problems.of(failure, "").status())
                .type(MediaType.TEXT_HTML_TYPE)
                .entity(page)
                .build();
    }

    /** What was typed as a draft. */
    public <T extends Record> T draft(ObjectNode typed, Class<T> type) {
        return strict.bind(typed, type);
    }

    /** The reason that was typed, if one was. */
    @Nullable
    public String reason(TypedForm typed) {
        return strict.bind(typed.texts("reason").json(), Reason.class).reason();
    }

    private static void flatten(JsonNode node, String prefix, Map<String, String> values) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (field.getValue().isObject()) {
                flatten(field.getValue(), prefix + field.getKey() + ".", values);
            } else if (!field.getValue().isNull()) {
                values.put(prefix + field.getKey(), field.getValue().asText());
            }
        }
    }
}
