package io.asyncjobs.dashboard.form;

import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.platform.shape.RecordShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A form that a problem answered, on the page that tells of the problem: what was typed can be changed and sent again.
 *
 * @param action where it was sent to
 * @param hidden the fields that go along as they were
 * @param shown the fields that people typed
 * @param possible whether sending it again may help
 * @param secretLeftOut whether a secret was among them
 */
public record SentAgain(
        String action, Map<String, String> hidden, Map<String, String> shown, boolean possible, boolean secretLeftOut) {

    static final SentAgain NONE = new SentAgain("", Map.of(), Map.of(), false, false);

    /** What the small forms ask for. */
    private static final Set<String> TYPED = Set.of("reason", "until", "to");

    /** A form of which the state has changed is decided anew; to what is gone nothing can be sent. */
    private static final Set<Integer> IN_VAIN = Set.of(403, 404, 405, 412, 428);

    public SentAgain {
        hidden = new LinkedHashMap<>(hidden);
        shown = new LinkedHashMap<>(shown);
    }

    public static SentAgain of(String action, int status, Map<String, String> sent) {
        RecordShape shape = RecordShape.of(ConnectionDraft.class);
        Map<String, String> hidden = new LinkedHashMap<>();
        Map<String, String> shown = new LinkedHashMap<>();
        boolean secret = false;
        for (Map.Entry<String, String> field : sent.entrySet()) {
            if (shape.leaf(field.getKey()).secret()) {
                secret |= !field.getValue().isEmpty();
            } else if (TYPED.contains(field.getKey())) {
                shown.put(field.getKey(), field.getValue());
            } else {
                hidden.put(field.getKey(), field.getValue());
            }
        }
        boolean typed = shown.values().stream().anyMatch(value -> !value.isBlank())
                || hidden.keySet().stream().anyMatch(name -> !name.equals(TypedForm.ETAG));
        if (!typed || !action.startsWith("/admin/support/")) {
            return NONE;
        }
        return new SentAgain(action, hidden, shown, !IN_VAIN.contains(status), secret);
    }

    /** Whether nothing was typed. */
    public boolean isEmpty() {
        return hidden.isEmpty() && shown.isEmpty();
    }

    /** Whether it is sent in parts, as forms with a script are. */
    public boolean large() {
        return hidden.containsKey("script");
    }
}
