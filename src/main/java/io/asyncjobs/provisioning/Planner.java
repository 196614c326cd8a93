package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.asyncjobs.account.AccountDraft;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.connection.Connections;
import io.asyncjobs.job.ConfiguredJob;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.platform.EnvironmentConfig;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.text.UnifiedDiff;
import io.asyncjobs.script.ScriptSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares manifests with what is there. */
@ApplicationScoped
class Planner {

    private static final String SCRIPT = "script";

    private final Accounts accounts;
    private final Connections connections;
    private final JobConfigurations jobs;
    private final NamedSecrets secrets;
    private final EnvironmentConfig environment;
    private final ComparedFields compared;

    Planner(
            Accounts accounts,
            Connections connections,
            JobConfigurations jobs,
            NamedSecrets secrets,
            EnvironmentConfig environment,
            ComparedFields compared) {
        this.accounts = accounts;
        this.connections = connections;
        this.jobs = jobs;
        this.secrets = secrets;
        this.environment = environment;
        this.compared = compared;
    }

    /**
     * What the manifest comes to now. Called in a transaction; changes nothing.
     *
     * @throws InvalidException with all that this environment does not allow, each with its place
     */
    Plan plan(Manifest manifest) {
        return new Planning(manifest).plan();
    }

    /** One plan in the making. */
    private final class Planning {

        private final Manifest manifest;
        private final List<Violation> violations = new ArrayList<>();
        private final List<Plan.Step> steps = new ArrayList<>();
        /** By their keys: those that jobs may name, which are the active ones and those of the manifest. */
        private final Set<String> accountsForJobs = new HashSet<>();

        Planning(Manifest manifest) {
            this.manifest = manifest;
        }

        Plan plan() {
            accounts();
            connections();
            jobs();
            List<Violation> all = new ArrayList<>(manifest.faults());
            all.addAll(violations);
            if (!all.isEmpty()) {
                throw new InvalidException(manifest.places().inOrder(all));
            }
            List<PlanView.ChangeView> changes =
                    steps.stream().map(Plan.Step::change).toList();
            int pending = (int) changes.stream()
                    .filter(change -> change.action() != PlanView.Action.NONE)
                    .count();
            return new Plan(new PlanView(hash(), environment.name(), pending, changes), steps);
        }

        private void accounts() {
            Map<String, Tagged<AccountView>> present = new HashMap<>();
            for (Tagged<AccountView> account : accounts.all()) {
                String key = Name.key(account.body().username());
                present.put(key, account);
                if (account.body().active()) {
                    accountsForJobs.add(key);
                }
            }
            for (Manifest.Entry<AccountDraft> entry : manifest.accounts()) {
                AccountDraft wanted = entry.wanted();
                String key = Name.key(wanted.username());
                Tagged<AccountView> account = present.get(key);
                accountsForJobs.add(key);
                step(
                        PlanView.Kind.ACCOUNT,
                        account == null
                                ? Name.of(wanted.username()).text()
                                : account.body().username(),
                        account == null ? null : compared.of(account.body()),
                        compared.of(wanted, account == null ? null : account.body()),
                        account == null ? null : account.etag(),
                        new Plan.Work.Call(() -> {
                            if (account == null) {
                                accounts.create(wanted);
                            } else {
                                accounts.replace(wanted.username(), wanted, account.etag());
                            }
                        }));
            }
        }

        private void connections() {
            Map<String, Tagged<ConnectionView>> present = new HashMap<>();
            connections
                    .all()
                    .forEach(
                            connection -> present.put(Name.key(connection.body().name()), connection));
            for (Manifest.Entry<Manifest.WantedConnection> entry : manifest.connections()) {
                String name = entry.wanted().name();
                Tagged<ConnectionView> connection = present.get(Name.key(name));
                int before = violations.size();
                ConnectionDraft draft = secrets.complete(
                        entry.wanted(), connection == null ? null : connection.body(), entry.path(), violations);
                if (violations.size() == before) {
                    connection(entry, connection, draft);
                }
            }
        }

        private void connection(
                Manifest.Entry<Manifest.WantedConnection> entry,
                @Nullable Tagged<ConnectionView> connection,
                ConnectionDraft draft) {
            String name = entry.wanted().name();
            Connections.Preview preview;
            try {
                preview = connections.preview(name, draft);
            } catch (InvalidException e) {
                e.violations()
                        .forEach(fault -> violations.add(
                                new Violation(entry.path() + "." + SecretRefs.field(fault.field()), fault.message())));
                return;
            }
            step(
                    PlanView.Kind.CONNECTION,
                    connection == null
                            ? Name.of(name).text()
                            : connection.body().name(),
                    connection == null ? null : compared.of(connection.body()),
                    compared.of(preview),
                    connection == null ? null : connection.etag(),
                    new Plan.Work.Call(() -> connections.put(
                            name,
                            preview.draft(),
                            connection == null ? null : connection.etag(),
                            connection == null ? "*" : null)));
        }

        private void jobs() {
            Map<String, ConfiguredJob> present = new LinkedHashMap<>();
            jobs.all().forEach(job -> present.put(Name.key(job.name()), job));
            for (Manifest.Entry<JobConfigurations.Wanted> entry : manifest.jobs()) {
                JobConfigurations.Wanted wanted = entry.wanted();
                ConfiguredJob job = present.remove(Name.key(wanted.job().name()));
                String user = wanted.job().associatedUser();
                if (user != null && !isOf(job, user) && !accountsForJobs.contains(Name.key(user))) {
                    violations.add(new Violation(
                            entry.path() + ".associatedUser",
                            "must name an active account, here or in the manifest; there is none called '" + user
                                    + "'"));
                }
                step(
                        PlanView.Kind.JOB,
                        wanted.job().name(),
                        job == null ? null : job.fields(),
                        wanted.job().fields(),
                        job == null ? null : configuration(job),
                        new Plan.Work.Job(
                                job == null
                                        ? new JobConfigurations.Saving.Create(wanted)
                                        : new JobConfigurations.Saving.Change(job, wanted)));
                withDiff(job, wanted);
            }
            if (manifest.head().prune() == Manifest.Prune.ARCHIVE) {
                present.values().stream().filter(job -> !job.archived()).forEach(this::prune);
            }
        }

        private static boolean isOf(@Nullable ConfiguredJob job, String user) {
            return job != null
                    && job.associatedUser() != null
                    && Name.key(job.associatedUser()).equals(Name.key(user));
        }

        private void prune(ConfiguredJob job) {
            PlanView.FieldView archived = new PlanView.FieldView(
                    "archived",
                    JsonNodeFactory.instance.booleanNode(false),
                    JsonNodeFactory.instance.booleanNode(true),
                    null);
            steps.add(new Plan.Step(
                    new PlanView.ChangeView(PlanView.Kind.JOB, job.name(), PlanView.Action.ARCHIVE, List.of(archived)),
                    configuration(job),
                    new Plan.Work.Job(new JobConfigurations.Saving.Archive(job))));
        }

        /** Puts the difference of its scripts into the step that was made last. */
        private void withDiff(@Nullable ConfiguredJob job, JobConfigurations.Wanted wanted) {
            Plan.Step step = steps.getLast();
            List<PlanView.FieldView> fields = new ArrayList<>();
            for (PlanView.FieldView field : step.change().fields()) {
                fields.add(field.path().equals(SCRIPT) ? scriptField(job, wanted) : field);
            }
            steps.set(
                    steps.size() - 1,
                    new Plan.Step(
                            new PlanView.ChangeView(
                                    step.change().kind(),
                                    step.change().name(),
                                    step.change().action(),
                                    fields),
                            step.tag(),
                            step.work()));
        }

        private PlanView.FieldView scriptField(@Nullable ConfiguredJob job, JobConfigurations.Wanted wanted) {
            ScriptSource source = wanted.draft().script();
            JsonNode to = TextNode.valueOf(source.md5());
            if (job == null) {
                return new PlanView.FieldView(
                        SCRIPT, null, to, UnifiedDiff.of("/dev/null", "", "b/script.js", source.text()));
            }
            String before =
                    jobs.script(job.scriptSha256()).map(ScriptSource::text).orElse("");
            return new PlanView.FieldView(
                    SCRIPT,
                    TextNode.valueOf(job.scriptMd5()),
                    to,
                    UnifiedDiff.of("a/script.js", before, "b/script.js", source.text()));
        }

        private void step(
                PlanView.Kind kind,
                String name,
                @Nullable Map<String, JsonNode> before,
                Map<String, JsonNode> after,
                @Nullable String tag,
                Plan.Work work) {
            List<PlanView.FieldView> fields = before == null ? all(after) : differing(before, after);
            PlanView.Action action = action(before, fields);
            steps.add(new Plan.Step(
                    new PlanView.ChangeView(kind, name, action, fields),
                    tag,
                    action == PlanView.Action.NONE ? null : work));
        }

        private static PlanView.Action action(@Nullable Map<String, JsonNode> before, List<PlanView.FieldView> fields) {
            if (before == null) {
                return PlanView.Action.CREATE;
            }
            for (PlanView.FieldView field : fields) {
                if (field.path().equals("archived")) {
                    return field.to() != null && field.to().asBoolean()
                            ? PlanView.Action.ARCHIVE
                            : PlanView.Action.UNARCHIVE;
                }
            }
            return fields.isEmpty() ? PlanView.Action.NONE : PlanView.Action.UPDATE;
        }

        private static List<PlanView.FieldView> all(Map<String, JsonNode> after) {
            return after.entrySet().stream()
                    .filter(field -> !field.getKey().equals("name") && !isNothing(field.getValue()))
                    .map(field -> new PlanView.FieldView(field.getKey(), null, field.getValue(), null))
                    .toList();
        }

        /** Null, false, or an object that says nothing: what a new entry has unless it says otherwise. */
        private static boolean isNothing(JsonNode value) {
            return value.isNull()
                    || (value.isBoolean() && !value.asBoolean())
                    || (value.isObject() && value.valueStream().allMatch(JsonNode::isNull))
                    || value.toString().equals("{}");
        }

        private static List<PlanView.FieldView> differing(Map<String, JsonNode> before, Map<String, JsonNode> after) {
            List<PlanView.FieldView> fields = new ArrayList<>();
            after.forEach((path, to) -> {
                JsonNode from = before.getOrDefault(path, NullNode.instance);
                if (!StoredJson.sameTree(from, to)) {
                    fields.add(new PlanView.FieldView(path, from, to, null));
                }
            });
            return fields;
        }

        private String hash() {
            MessageDigest digest = ManifestSource.sha256();
            digest.update(("asyncjobs plan 1\n" + environment.name() + "\n" + manifest.digest() + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            for (Plan.Step step : steps) {
                // With what is done: a secret of the environment can change without any tag
                String line = "%s %s %s %s %s\n"
                        .formatted(
                                step.change().kind(),
                                step.change().name(),
                                Objects.requireNonNullElse(step.tag(), "-"),
                                step.change().action(),
                                step.change().fields().stream()
                                        .map(PlanView.FieldView::path)
                                        .toList());
                digest.update(line.getBytes(StandardCharsets.UTF_8));
            }
            return ManifestSource.hex(digest);
        }
    }

    /** What of a job's tag stands for its configuration: pausing is none of it. */
    private static String configuration(ConfiguredJob job) {
        String tag = Objects.requireNonNullElse(job.tag(), "");
        return tag.substring(0, Math.max(0, tag.lastIndexOf('-')));
    }
}
