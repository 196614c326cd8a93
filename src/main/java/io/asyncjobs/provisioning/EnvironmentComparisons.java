package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.job.ConfiguredJob;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.platform.EnvironmentConfig;
import io.asyncjobs.platform.Name;
import io.asyncjobs.script.ScriptSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
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

    private final Turns turns;
    private final EnvironmentReader environments;
    private final JobConfigurations jobs;
    private final EnvironmentConfig environment;

    EnvironmentComparisons(
            Turns turns, EnvironmentReader environments, JobConfigurations jobs, EnvironmentConfig environment) {
        this.turns = turns;
        this.environments = environments;
        this.jobs = jobs;
        this.environment = environment;
    }

    /**
     * This environment beside another one.
     *
     * @param other the other's fingerprint, or an export of it
     */
    ComparisonView compare(byte[] other, @Nullable MediaType type) {
        return turns.take(() -> Comparisons.of(here(), environments.read(ManifestSource.of(other, type))));
    }

    /** As {@link #compare}, with the values that differ; of the first jobs only, if there are many. */
    public DetailedComparison inDetail(byte[] other, MediaType type) {
        return turns.take(() -> {
            ComparedEnvironment there = environments.read(ManifestSource.of(other, type));
            ComparedEnvironment here = here();
            ComparisonView comparison = Comparisons.of(here, there);
            return new DetailedComparison(
                    comparison,
                    comparison.jobs().stream()
                            .limit(MOST_SHOWN)
                            .map(job -> beside(job, here, there))
                            .toList());
        });
    }

    private static DetailedComparison.Job beside(
            ComparisonView.JobComparisonView compared, ComparedEnvironment here, ComparedEnvironment there) {
        String key = Name.key(compared.name());
        ConfiguredJob left = here.jobs().get(key);
        ConfiguredJob right = there.jobs().get(key);
        if (left == null || right == null) {
            return new DetailedComparison.Job(compared, List.of(), null);
        }
        Map<String, JsonNode> before = left.fields();
        Map<String, JsonNode> after = right.fields();
        List<DetailedComparison.Field> fields = new ArrayList<>();
        for (String path : compared.fields()) {
            if (!path.equals(DetailedComparison.SCRIPT)) {
                fields.add(new DetailedComparison.Field(path, before.get(path), after.get(path)));
            }
        }
        DetailedComparison.Scripts scripts = !compared.fields().contains(DetailedComparison.SCRIPT)
                ? null
                : here.script()
                        .apply(left.name())
                        .flatMap(script -> there.script()
                                .apply(right.name())
                                .map(other -> new DetailedComparison.Scripts(script, other)))
                        .orElse(null);
        return new DetailedComparison.Job(compared, fields, scripts);
    }

    private ComparedEnvironment here() {
        Map<String, ConfiguredJob> all = new HashMap<>();
        jobs.all().forEach(job -> all.put(Name.key(job.name()), job));
        return new ComparedEnvironment(
                Fingerprints.of(environment.name(), all.values()), all, name -> Optional.ofNullable(
                                all.get(Name.key(name)))
                        .flatMap(job -> jobs.script(job.scriptSha256()))
                        .map(ScriptSource::text));
    }
}
