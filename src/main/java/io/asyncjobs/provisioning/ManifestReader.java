package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.AccountDraft;
import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.job.WantedJobs;
import io.asyncjobs.platform.EnvironmentConfig;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.json.Paths;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.MediaType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads manifests: YAML, JSON, or one of both in a zip with the files of its scripts. Says all that is wrong at once. */
@ApplicationScoped
class ManifestReader {

    private static final String NAME = "name";
    private static final String ARCHIVED = "archived";
    private static final String SCRIPT = "script";
    private static final String SCRIPT_FILE = "scriptFile";
    private static final String SCRIPT_BASE64 = "scriptBase64";
    private static final String REASON = "reason";
    private static final String UNKNOWN = "is not a field that is known here";
    private static final Set<String> LISTS =
            Set.of(ManifestShape.ACCOUNTS, ManifestShape.CONNECTIONS, ManifestShape.JOBS);
    private static final Set<String> HEAD = Set.of("environment", "prune", REASON, "reference");

    /** What reads one entry of a list; null where it is not valid. */
    private interface EntryReader<T> {
        @Nullable
        T read(ObjectNode entry, String path);
    }

    private final StrictJson json;
    private final WantedJobs jobs;
    private final Supplier<String> environment;

    @Inject
    ManifestReader(StrictJson json, WantedJobs jobs, EnvironmentConfig environment) {
        this(json, jobs, environment::name);
    }

    private ManifestReader(StrictJson json, WantedJobs jobs, Supplier<String> environment) {
        this.json = json;
        this.jobs = jobs;
        this.environment = environment;
    }

    /** For commands, which are in no environment. */
    static ManifestReader withoutEnvironment(StrictJson json, WantedJobs jobs) {
        return new ManifestReader(json, jobs, () -> "");
    }

    /**
     * The manifest, with all that is wrong with its fields.
     *
     * @throws MalformedException for what cannot be read
     */
    Manifest read(byte[] body, @Nullable MediaType type) {
        return new Reading(ManifestSource.of(body, type), true).manifest();
    }

    /** As {@link #read}, also where it is for another environment. */
    Manifest readOfAny(ManifestSource source) {
        return new Reading(source, false).manifest();
    }

    /**
     * A job as the manifest gives it.
     *
     * @param draft with its script, wherever that stands
     * @param isSound whether no fault was found yet
     */
    private record GivenJob(ObjectNode draft, boolean archived, boolean hasScript, boolean isSound) {}

    /** One manifest being read. */
    private final class Reading {

        private final ManifestSource source;
        private final boolean onlyForHere;
        private final Places places;
        private final List<Violation> violations = new ArrayList<>();

        Reading(ManifestSource source, boolean onlyForHere) {
            this.source = source;
            this.onlyForHere = onlyForHere;
            this.places = new Places(source.files().isEmpty() ? null : source.name());
        }

        Manifest manifest() {
            ObjectNode root = root();
            Manifest.Head head = head(root);
            List<Manifest.Entry<AccountDraft>> accounts =
                    entries(root, ManifestShape.ACCOUNTS, "username", (entry, path) -> account(entry, path, head));
            List<Manifest.Entry<Manifest.WantedConnection>> connections =
                    entries(root, ManifestShape.CONNECTIONS, NAME, (entry, path) -> connection(entry, path, head));
            return new Manifest(head, accounts, connections, jobs(root, head), source.digest(), places, violations);
        }

        private ObjectNode root() {
            String text = source.text();
            JsonNode tree = source.isJson()
                    ? json.parse(text, violations, places::put)
                    : json.parse(ManifestYaml.toJson(text, places), violations, (path, line, column) -> {});
            if (tree instanceof ObjectNode root) {
                return root;
            }
            throw new MalformedException("A manifest is an object with jobs, accounts or connections.");
        }

        private Manifest.Head head(ObjectNode root) {
            ObjectNode fields = JsonNodeFactory.instance.objectNode();
            root.properties().forEach(field -> {
                if (HEAD.contains(field.getKey())) {
                    fields.set(field.getKey(), field.getValue());
                } else if (!LISTS.contains(field.getKey())) {
                    Set<String> known = new TreeSet<>(HEAD);
                    known.addAll(LISTS);
                    violations.add(new Violation(
                            Paths.field("", field.getKey()), UNKNOWN + "; known are " + String.join(", ", known)));
                }
            });
            Manifest.Head head = bound(fields, Manifest.Head.class, "")
                    .orElseGet(() -> new Manifest.Head(null, Manifest.Prune.NONE, null, null));
            if (onlyForHere && head.environment() != null && !head.environment().equals(environment.get())) {
                violations.add(new Violation(
                        "environment",
                        "must be '%s', the name of this environment, was '%s'"
                                .formatted(environment.get(), head.environment())));
            }
            return head;
        }

        private <T> List<Manifest.Entry<T>> entries(ObjectNode root, String list, String key, EntryReader<T> reader) {
            JsonNode entries = root.get(list);
            if (entries == null || entries.isNull()) {
                return List.of();
            }
            if (!(entries instanceof ArrayNode array)) {
                violations.add(new Violation(list, "must be a list"));
                return List.of();
            }
            List<Manifest.Entry<T>> read = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (int i = 0; i < array.size(); i++) {
                String path = Paths.element(list, i);
                if (!(array.get(i) instanceof ObjectNode entry)) {
                    violations.add(new Violation(path, "must be an object"));
                    continue;
                }
                String name = entry.path(key).asText("");
                if (Name.fault(name) == null && !names.add(Name.key(name))) {
                    violations.add(new Violation(
                            path + "." + key, "is given more than once, be it in another case: '" + name + "'"));
                    continue;
                }
                T wanted = reader.read(entry.deepCopy(), path);
                if (wanted != null) {
                    read.add(new Manifest.Entry<>(path, wanted));
                }
            }
            return read;
        }

        private @Nullable AccountDraft account(ObjectNode entry, String path, Manifest.Head head) {
            refuse(entry, path, REASON);
            entry.put(REASON, head.why());
            return bound(entry, AccountDraft.class, path).orElse(null);
        }

        private Manifest.@Nullable WantedConnection connection(ObjectNode entry, String path, Manifest.Head head) {
            refuse(entry, path, REASON);
            Map.of("secret", SecretRefs.SECRET, "clientKey", SecretRefs.CLIENT_KEY, "secrets", SecretRefs.NAMED)
                    .forEach((secret, ref) -> {
                        if (entry.remove(secret) != null) {
                            violations.add(new Violation(
                                    path + "." + secret,
                                    "must not stand in a manifest; name the secret with " + ref
                                            + ", and set it in the environment"));
                        }
                    });
            entry.put(REASON, head.why());
            String name = text(entry, path, NAME, true);
            SecretRefs refs = new SecretRefs(
                    text(entry, path, SecretRefs.SECRET, false),
                    text(entry, path, SecretRefs.CLIENT_KEY, false),
                    texts(entry, path, SecretRefs.NAMED));
            String fault = name == null ? null : Name.fault(name);
            if (fault != null) {
                violations.add(new Violation(path + "." + NAME, fault));
            }
            ConnectionDraft draft = bound(entry, ConnectionDraft.class, path).orElse(null);
            return name == null || fault != null || draft == null
                    ? null
                    : new Manifest.WantedConnection(name, draft, refs);
        }

        private List<Manifest.Entry<JobConfigurations.Wanted>> jobs(ObjectNode root, Manifest.Head head) {
            List<Manifest.Entry<GivenJob>> given =
                    entries(root, ManifestShape.JOBS, NAME, (entry, path) -> given(entry, path, head));
            jobs.prepare(given.stream()
                    .map(entry -> entry.wanted().draft().path(SCRIPT).asText(""))
                    .toList());
            List<Manifest.Entry<JobConfigurations.Wanted>> wanted = new ArrayList<>();
            for (Manifest.Entry<GivenJob> entry : given) {
                job(entry.wanted(), entry.path()).ifPresent(job -> wanted.add(new Manifest.Entry<>(entry.path(), job)));
            }
            return wanted;
        }

        private GivenJob given(ObjectNode entry, String path, Manifest.Head head) {
            int before = violations.size();
            refuse(entry, path, REASON);
            boolean archived = archived(entry, path);
            String script = script(entry, path);
            if (script != null) {
                entry.put(SCRIPT, script);
            }
            entry.put(REASON, head.why());
            return new GivenJob(entry, archived, script != null, violations.size() == before);
        }

        private Optional<JobConfigurations.Wanted> job(GivenJob given, String path) {
            List<Violation> found = new ArrayList<>();
            Optional<JobConfigurations.Wanted> wanted =
                    jobs.check(given.draft(), given.archived(), given.hasScript() ? Set.of() : Set.of(SCRIPT), found);
            add(found, path);
            return given.isSound() && found.isEmpty() ? wanted : Optional.empty();
        }

        private boolean archived(ObjectNode entry, String path) {
            JsonNode archived = entry.remove(ARCHIVED);
            if (archived != null && !archived.isBoolean()) {
                violations.add(new Violation(path + "." + ARCHIVED, "must be true or false"));
            }
            return archived != null && archived.asBoolean();
        }

        /** The source, wherever it stands; null where there is none, or one that is not valid. */
        private @Nullable String script(ObjectNode entry, String path) {
            List<String> given = List.of(SCRIPT, SCRIPT_FILE, SCRIPT_BASE64).stream()
                    .filter(entry::hasNonNull)
                    .toList();
            if (given.isEmpty()) {
                violations.add(new Violation(path + "." + SCRIPT, "is required, or " + SCRIPT_FILE));
                return null;
            }
            if (given.size() > 1) {
                violations.add(new Violation(
                        path + "." + given.get(1), "must be absent where " + given.getFirst() + " is given"));
                given.forEach(entry::remove);
                return null;
            }
            String field = given.getFirst();
            String text = text(entry, path, field, true);
            if (text == null || field.equals(SCRIPT)) {
                return text;
            }
            byte[] bytes;
            if (field.equals(SCRIPT_FILE)) {
                bytes = source.files().get(text);
                if (bytes == null) {
                    violations.add(new Violation(
                            path + "." + SCRIPT_FILE,
                            source.files().isEmpty()
                                    ? "can be read only from a zip that holds the manifest and the file"
                                    : "names no file in the archive: '" + text + "'"));
                    return null;
                }
            } else {
                try {
                    bytes = Base64.getDecoder().decode(text.replaceAll("\\s", ""));
                } catch (IllegalArgumentException e) {
                    violations.add(new Violation(path + "." + SCRIPT_BASE64, "must be Base64: " + e.getMessage()));
                    return null;
                }
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (CharacterCodingException e) {
                violations.add(new Violation(path + "." + field, "must be UTF-8 text"));
                return null;
            }
        }

        /** Takes the text out of the entry; null where there is none, or another value. */
        private @Nullable String text(ObjectNode entry, String path, String field, boolean required) {
            JsonNode value = entry.remove(field);
            if (value == null || value.isNull()) {
                if (required) {
                    violations.add(new Violation(path + "." + field, "is required"));
                }
                return null;
            }
            if (!value.isTextual()) {
                violations.add(new Violation(path + "." + field, "must be a text"));
                return null;
            }
            return value.textValue();
        }

        /** Takes an object of texts out of the entry; empty where there is none, or another value. */
        private Map<String, String> texts(ObjectNode entry, String path, String field) {
            JsonNode value = entry.remove(field);
            if (value == null || value.isNull()) {
                return Map.of();
            }
            if (!(value instanceof ObjectNode object)) {
                violations.add(new Violation(path + "." + field, "must be an object of texts"));
                return Map.of();
            }
            Map<String, String> texts = new TreeMap<>();
            for (String name : object.propertyStream().map(Map.Entry::getKey).toList()) {
                String text = text(object, path + "." + field, name, true);
                if (text != null) {
                    texts.put(name, text);
                }
            }
            return texts;
        }

        private void refuse(ObjectNode entry, String path, String field) {
            if (entry.remove(field) != null) {
                violations.add(new Violation(
                        path + "." + field, UNKNOWN + "; give one reason for all changes, beside the lists"));
            }
        }

        private <T extends Record> Optional<T> bound(ObjectNode fields, Class<T> type, String path) {
            try {
                return Optional.of(json.bind(fields, type));
            } catch (InvalidException e) {
                add(e.violations(), path);
                return Optional.empty();
            }
        }

        /** What the text's syntax has told already is not told again. */
        private void add(List<Violation> found, String path) {
            Set<String> said = violations.stream().map(Violation::field).collect(Collectors.toSet());
            for (Violation violation : found) {
                String field = joined(path, violation.field());
                if (!said.contains(field)) {
                    violations.add(new Violation(field, violation.message()));
                }
            }
        }

        private static String joined(String path, String field) {
            return path.isEmpty() || field.startsWith("[") ? path + field : path + "." + field;
        }
    }
}
