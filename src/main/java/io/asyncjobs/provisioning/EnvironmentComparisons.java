package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.job.ConfiguredJob;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.platform.EnvironmentConfig;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.script.ScriptSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares this environment with another one, which is known by its fingerprint or by an export of it. */
@ApplicationScoped
public class EnvironmentComparisons {

    /** A page with more would be of no use to a reader. */
    private static final int MOST_SHOWN = 100;

    /** The other environment. */
    private sealed interface Other {

        record Fingerprint(FingerprintView view) implements Other {}

        /** By the keys of their names. */
        record Export(Map<String, JobConfigurations.Wanted> jobs) implements Other {

            FingerprintView fingerprint() {
                return Fingerprints.of(
                        "",
                        jobs.values().stream()
                                .map(JobConfigurations.Wanted::job)
                                .toList());
            }

            Optional<String> script(String name) {
                return Optional.ofNullable(jobs.get(Name.key(name)))
                        .map(job -> job.draft().script().text());
            }
        }
    }

    private final Turns turns;
    private final ManifestReader reader;
    private final JobConfigurations jobs;
    private final EnvironmentConfig environment;
    private final StrictJson json;

    EnvironmentComparisons(
            Turns turns,
            ManifestReader reader,
            JobConfigurations jobs,
            EnvironmentConfig environment,
            StrictJson json) {
        this.turns = turns;
        this.reader = reader;
        this.jobs = jobs;
        this.environment = environment;
        this.json = json;
    }

    /**
     * This environment beside another one.
     *
     * @param other the other's fingerprint, or an export of it
     */
    ComparisonView compare(byte[] other, @Nullable MediaType type) {
        return turns.take(() -> comparison(byKey(), read(other, type)));
    }

    /** As {@link #compare}, with the values that differ; of the first jobs only, if there are many. */
    public DetailedComparison inDetail(byte[] other, MediaType type) {
        return turns.take(() -> {
            Other there = read(other, type);
            Map<String, ConfiguredJob> here = byKey();
            ComparisonView comparison = comparison(here, there);
            return new DetailedComparison(
                    comparison,
                    comparison.jobs().stream()
                            .limit(MOST_SHOWN)
                            .map(job -> beside(job, here, there))
                            .toList());
        });
    }

    private DetailedComparison.Job beside(
            ComparisonView.JobComparisonView compared, Map<String, ConfiguredJob> here, Other there) {
        String key = Name.key(compared.name());
        ConfiguredJob left = here.get(key);
        JobConfigurations.Wanted right = there instanceof Other.Export(Map<String, JobConfigurations.Wanted> exported)
                ? exported.get(key)
                : null;
        if (left == null || right == null) {
            return new DetailedComparison.Job(compared, List.of(), null);
        }
        Map<String, JsonNode> before = left.fields();
        Map<String, JsonNode> after = right.job().fields();
        List<DetailedComparison.Field> fields = new ArrayList<>();
        for (String path : compared.fields()) {
            if (!path.equals(DetailedComparison.SCRIPT)) {
                fields.add(new DetailedComparison.Field(path, before.get(path), after.get(path)));
            }
        }
        String script = right.draft().script().text();
        DetailedComparison.Scripts scripts = !compared.fields().contains(DetailedComparison.SCRIPT)
                ? null
                : jobs.script(left.scriptSha256())
                        .map(present -> new DetailedComparison.Scripts(present.text(), script))
                        .orElse(null);
        return new DetailedComparison.Job(compared, fields, scripts);
    }

    private Map<String, ConfiguredJob> byKey() {
        Map<String, ConfiguredJob> all = new HashMap<>();
        jobs.all().forEach(job -> all.put(Name.key(job.name()), job));
        return all;
    }

    private ComparisonView comparison(Map<String, ConfiguredJob> present, Other other) {
        FingerprintView here = Fingerprints.of(environment.name(), present.values());
        return switch (other) {
            case Other.Fingerprint(FingerprintView there) ->
                Comparisons.of(here, there, name -> Optional.empty(), name -> Optional.empty());
            case Other.Export export ->
                Comparisons.of(
                        here,
                        export.fingerprint(),
                        name -> Optional.ofNullable(present.get(Name.key(name)))
                                .flatMap(job -> jobs.script(job.scriptSha256()))
                                .map(ScriptSource::text),
                        export::script);
        };
    }

    private Other read(byte[] other, @Nullable MediaType type) {
        if (type != null && type.getSubtype().endsWith("json")) {
            JsonNode body = json.parse(new String(other, StandardCharsets.UTF_8));
            if (body.has("fingerprint")) {
                return new Other.Fingerprint(json.bind(body, FingerprintView.class));
            }
        }
        Manifest manifest = reader.readOfAny(other, type);
        if (!manifest.faults().isEmpty()) {
            throw new InvalidException(manifest.places().inOrder(manifest.faults()));
        }
        Map<String, JobConfigurations.Wanted> wanted = new HashMap<>();
        manifest.jobs().forEach(job -> wanted.put(Name.key(job.wanted().job().name()), job.wanted()));
        return new Other.Export(wanted);
    }
}
