package io.asyncjobs.provisioning;

import io.asyncjobs.account.AccountDraft;
import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.job.JobDraft;
import io.asyncjobs.platform.shape.FieldShape;
import io.asyncjobs.platform.shape.RecordShape;
import io.asyncjobs.platform.shape.ValueShape;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which fields of a manifest are texts: there a word in YAML needs no quotes, whatever it looks like. */
final class ManifestShape {

    static final String ACCOUNTS = "accounts";
    static final String CONNECTIONS = "connections";
    static final String JOBS = "jobs";

    private static final Pattern ENTRY = Pattern.compile("(accounts|connections|jobs)\\[\\d+]\\.(.+)");

    private static final Map<String, Set<String>> TEXTS = Map.of(
            ACCOUNTS, texts(AccountDraft.class),
            CONNECTIONS, with(texts(ConnectionDraft.class), "name", SecretRefs.SECRET, SecretRefs.CLIENT_KEY),
            JOBS, with(texts(JobDraft.class), "scriptFile", "scriptBase64"));

    private static final Set<String> OF_THE_MANIFEST = texts(Manifest.Head.class);

    private ManifestShape() {}

    /** Whether the field of that path is a text. */
    static boolean isText(String path) {
        Matcher entry = ENTRY.matcher(path);
        return entry.matches()
                ? TEXTS.getOrDefault(entry.group(1), Set.of()).contains(entry.group(2))
                        || entry.group(2).startsWith(SecretRefs.NAMED + ".")
                : OF_THE_MANIFEST.contains(path);
    }

    private static Set<String> texts(Class<? extends Record> type) {
        Set<String> texts = new HashSet<>();
        RecordShape.of(type).leaves().forEach((path, field) -> {
            if (isText(field)) {
                texts.add(path);
            }
        });
        return texts;
    }

    private static Set<String> with(Set<String> fields, String... more) {
        Set<String> all = new HashSet<>(fields);
        all.addAll(Set.of(more));
        return all;
    }

    private static boolean isText(FieldShape field) {
        ValueShape.Kind kind = field.value().kind();
        return kind == ValueShape.Kind.TEXT || kind == ValueShape.Kind.CONSTANT;
    }
}
