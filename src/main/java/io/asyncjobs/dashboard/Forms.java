package io.asyncjobs.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.AuditConfig;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Problems;
import io.asyncjobs.platform.problem.StaleException;
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
class Forms {

    /** A form that asks for nothing but why. */
    record Reason(@Size(max = 2000) @Nullable String reason) {}

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
    FormFields fresh(String id, Class<? extends Record> draft) {
        Map<String, String> standard = new LinkedHashMap<>();
        DraftShape shape = DraftShape.of(draft);
        shape.fields().forEach((path, field) -> standard.put(path, field.standard()));
        return fields(id, shape, standard, "");
    }

    /** A form that asks for nothing but why. */
    FormFields reason(String id, String etag) {
        return fields(id, DraftShape.of(Reason.class), Map.of(), etag);
    }

    /** A form with what is stored. */
    FormFields stored(String id, Class<? extends Record> draft, Tagged<?> stored) {
        Map<String, String> values = new LinkedHashMap<>();
        flatten(json.valueToTree(stored.body()), "", values);
        return fields(id, DraftShape.of(draft), values, stored.etag());
    }

    private FormFields fields(String id, DraftShape shape, Map<String, String> values, String etag) {
        return new FormFields(id, shape, values, values, List.of(), null, false, etag, audit.reasonRequired());
    }

    /** The form with what was typed, none of which is wrong or stored yet. */
    FormFields kept(FormFields now, TypedForm typed) {
        return new FormFields(
                now.id(),
                now.shape(),
                typed.values(),
                now.stored(),
                List.of(),
                null,
                false,
                now.etag().isEmpty() ? "" : typed.etag(),
                now.reasonRequired());
    }

    /** The form that comes back: with what was typed, but for secrets, and with what is wrong. */
    FormFields refused(FormFields now, TypedForm typed, DomainException failure) {
        Map<String, String> kept = new LinkedHashMap<>(typed.values());
        kept.keySet().removeIf(path -> now.rules(path).secret());
        boolean stale = failure instanceof StaleException && !now.etag().isEmpty();
        boolean invalid = failure instanceof InvalidException;
        return new FormFields(
                now.id(),
                now.shape(),
                kept,
                now.stored(),
                failure instanceof InvalidException wrong ? wrong.violations() : List.of(),
                stale || invalid ? null : failure.getMessage(),
                stale,
                stale || now.etag().isEmpty() ? now.etag() : typed.etag(),
                now.reasonRequired());
    }

    /** The page with the form that comes back, under the status that the API would answer. */
    Response answer(DomainException failure, Object page) {
        return Response.status(problems.of(failure, "").status())
                .type(MediaType.TEXT_HTML_TYPE)
                .entity(page)
                .build();
    }

    /** What was typed as a draft. */
    <T extends Record> T draft(ObjectNode typed, Class<T> type) {
        return strict.bind(typed, type);
    }

    /** The reason that was typed, if one was. */
    @Nullable
    String reason(TypedForm typed) {
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
