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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares this environment with another one, which is known by its fingerprint or by an export of it. */
@ApplicationScoped
public class EnvironmentComparisons {

    /** More would take the memory of others, and no reader. */
    private static final int MOST_JOBS = 100;

    private static final int MOST_SCRIPTS = 20;
    private static final int MOST_SCRIPT_CHARS = 100_000;

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

    /**
     * As {@link #compare}, with the values that differ; of the first jobs and scripts only, if there are many. Jobs that
     * both have come first.
     *
     * @param name of the file that was sent, which tells its form
     */
    public DetailedComparison inDetail(byte[] other, String name) {
        return turns.take(() -> {
            ComparedEnvironment there = environments.read(ManifestSource.of(other, ManifestFiles.type(name, other)));
            ComparedEnvironment here = here();
            ComparisonView comparison = Comparisons.of(here, there);
            List<DetailedComparison.Job> jobs = new ArrayList<>();
            int scripts = 0;
            List<ComparisonView.JobComparisonView> first = comparison.jobs().stream()
                    .sorted(Comparator.comparing(ComparisonView.JobComparisonView::status))
                    .limit(MOST_JOBS)
                    .toList();
            for (ComparisonView.JobComparisonView compared : first) {
                DetailedComparison.Job job = beside(compared, here, there, scripts < MOST_SCRIPTS);
                scripts += job.scripts() == null ? 0 : 1;
                jobs.add(job);
            }
            return new DetailedComparison(comparison, jobs);
        });
    }

    private static DetailedComparison.Job beside(
            ComparisonView.JobComparisonView compared,
            ComparedEnvironment here,
            ComparedEnvironment there,
            boolean withScripts) {
        String key = Name.key(compared.name());
        ConfiguredJob left = here.jobs().get(key);
        ConfiguredJob right = there.jobs().get(key);
        if (left == null || right == null) {
            return new DetailedComparison.Job(compared, List.of(), null, false);
        }
        Map<String, JsonNode> before = left.fields();
        Map<String, JsonNode> after = right.fields();
        List<DetailedComparison.Field> fields = new ArrayList<>();
        for (String path : compared.fields()) {
            if (!path.equals(DetailedComparison.SCRIPT)) {
                fields.add(new DetailedComparison.Field(path, before.get(path), after.get(path)));
            }
        }
        boolean differ = compared.fields().contains(DetailedComparison.SCRIPT);
        if (!differ || !withScripts) {
            return new DetailedComparison.Job(compared, fields, null, differ);
        }
        String own = here.script().apply(left.name()).orElse(null);
        String other = there.script().apply(right.name()).orElse(null);
        if (own == null || other == null) {
            return new DetailedComparison.Job(compared, fields, null, false);
        }
        boolean tooLong = own.length() > MOST_SCRIPT_CHARS || other.length() > MOST_SCRIPT_CHARS;
        return new DetailedComparison.Job(
                compared, fields, tooLong ? null : new DetailedComparison.Scripts(own, other), tooLong);
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
