package io.asyncjobs.dashboard.shell;

import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.platform.shape.RecordShape;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What was typed into a form and sent after the session had ended. The page to sign in carries it in hidden fields, and sends
 * it on to where it is shown again; the server keeps nothing of it.
 *
 * @param target where it is sent once its reader has signed in
 * @param fields by their names; never a secret
 * @param secretLeftOut whether a secret was among them
 */
public record KeptForm(String target, Map<String, String> fields, boolean secretLeftOut) {

    static final KeptForm NONE = new KeptForm("", Map.of(), false);

    private static final Pattern JOB =
            Pattern.compile("(" + Shell.Section.JOBS.path() + "/(?:new|[^/?]+/edit))(?:/(?:review|try|form))?");

    private static final Pattern OTHER = Pattern.compile(
            "(/admin/support/(?:new-account|new-connection|accounts/[^/?]+|connections/[^/?]+))(?:/form)?(\\?.*)?");

    /** The addresses that show what was kept. */
    private static final Pattern TARGET = Pattern.compile(
            "(/admin/support/[!-~&&[^\\\\?]]+/form|" + Pattern.quote(GoOnPage.PATH) + ")(\\?[!-~&&[^\\\\]]*)?");

    public KeptForm {
        fields = new LinkedHashMap<>(fields);
    }

    /** Of what was sent to that address, with its query. */
    static KeptForm of(String address, Map<String, String> sent) {
        if (sent.isEmpty() || !address.startsWith("/admin/support/")) {
            return NONE;
        }
        return kept(targetOf(address), sent, false);
    }

    /** Of what the page to sign in sent. */
    static KeptForm again(String target, boolean secretLeftOut, TypedForm sent) {
        return sent.isKept() && TARGET.matcher(target).matches() ? kept(target, sent.values(), secretLeftOut) : NONE;
    }

    private static KeptForm kept(String target, Map<String, String> sent, boolean secretLeftOut) {
        RecordShape shape = RecordShape.of(ConnectionDraft.class);
        Map<String, String> fields = new LinkedHashMap<>(sent);
        fields.keySet().removeIf(name -> shape.leaf(name).secret());
        boolean secret = sent.entrySet().stream()
                .anyMatch(field -> !field.getValue().isEmpty()
                        && shape.leaf(field.getKey()).secret());
        return new KeptForm(target, fields, secretLeftOut || secret);
    }

    private static String targetOf(String address) {
        Matcher job = JOB.matcher(address);
        if (job.matches()) {
            return job.group(1) + "/form";
        }
        Matcher other = OTHER.matcher(address);
        if (other.matches()) {
            return other.group(1) + "/form" + (other.group(2) == null ? "" : other.group(2));
        }
        return GoOnPage.PATH + "?to=" + URLEncoder.encode(address, StandardCharsets.UTF_8);
    }

    /** Whether there is nothing to keep. */
    public boolean isEmpty() {
        return fields.isEmpty();
    }

    /** How the page to sign in calls a field. */
    public String nameOf(String field) {
        return TypedForm.KEPT + field;
    }
}
