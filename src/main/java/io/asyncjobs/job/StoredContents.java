package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.crypto.UnreadableSecretException;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.script.MalformedScriptException;
import io.asyncjobs.script.ScriptSource;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * What jobs and revisions hold as text or sealed, read. A damaged row can be read too: what is damaged is missing then, and
 * said to be.
 */
@Singleton
class StoredContents {

    private static final int MAX_QUOTED = 100;

    /**
     * What could be read.
     *
     * @param script null where it is damaged, as is each of the others
     * @param damage the damaged fields, and what is the matter with each
     */
    record Contents(
            @Nullable ScriptSource script,
            @Nullable ObjectNode parameters,
            @Nullable ObjectNode parametersSchema,
            List<Violation> damage) {

        Contents {
            damage = List.copyOf(damage);
        }

        @Nullable
        String scriptText() {
            return script == null ? null : script.text();
        }
    }

    private final StoredScripts scripts;

    StoredContents(StoredScripts scripts) {
        this.scripts = scripts;
    }

    /** Everything of it. */
    Contents of(JobConfiguration saved) {
        List<Violation> damage = new ArrayList<>();
        ScriptSource script = script(saved.script.sha256, damage);
        ObjectNode parameters = object("parameters", saved.parameters, damage);
        ObjectNode schema =
                saved.parametersSchema == null ? null : object("parametersSchema", saved.parametersSchema, damage);
        return new Contents(script, parameters, schema, damage);
    }

    /** What is damaged of it. */
    List<Violation> damage(JobConfiguration saved) {
        return of(saved).damage();
    }

    /** The source with that digest; null, with the reason among the violations, where it is damaged. */
    @Nullable
    ScriptSource script(String sha256, List<Violation> damage) {
        return script(() -> scripts.source(sha256), damage);
    }

    /** As {@link #script(String, List)}, over connections of the caller's choice. */
    @Nullable
    ScriptSource script(Jdbi connections, String sha256, List<Violation> damage) {
        return script(() -> scripts.source(connections, sha256), damage);
    }

    private static @Nullable ScriptSource script(Supplier<ScriptSource> source, List<Violation> damage) {
        try {
            return source.get();
        } catch (UnreadableSecretException | MalformedScriptException e) {
            damage.add(new Violation("script", "is stored damaged: " + e.getMessage()));
            return null;
        }
    }

    /** That JSON object; null, with the reason among the violations, where it is none. */
    @Nullable
    ObjectNode object(String field, String text, List<Violation> damage) {
        ObjectNode object = StoredJson.object(text);
        if (object != null) {
            return object;
        }
        String quoted = text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "…";
        damage.add(new Violation(field, "is stored damaged: it is no JSON object, but begins with '" + quoted + "'"));
        return null;
    }
}
