package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.job.ConfiguredJob;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.job.WantedJobs;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.validation.Validation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hibernate.validator.HibernateValidator;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;

/** Reads what is known of an environment from its fingerprint, or from an export of it. */
@ApplicationScoped
class EnvironmentReader {

    private final StrictJson json;
    private final ManifestReader manifests;

    @Inject
    EnvironmentReader(StrictJson json, ManifestReader manifests) {
        this.json = json;
        this.manifests = manifests;
    }

    /** For commands: needs no service and no configuration, and does not parse scripts. */
    static EnvironmentReader withoutService() {
        StrictJson json = new StrictJson(
                new ObjectMapper(),
                Validation.byProvider(HibernateValidator.class)
                        .configure()
                        .ignoreXmlConfiguration()
                        .defaultLocale(Locale.ENGLISH)
                        .messageInterpolator(new ParameterMessageInterpolator())
                        .buildValidatorFactory()
                        .getValidator());
        return new EnvironmentReader(json, ManifestReader.withoutEnvironment(json, WantedJobs.withoutService(json)));
    }

    /**
     * The environment.
     *
     * @throws MalformedException for what cannot be read
     * @throws InvalidException with all that is wrong, each with its place in an export
     */
    ComparedEnvironment read(ManifestSource source) {
        return fingerprint(source).map(ComparedEnvironment::of).orElseGet(() -> export(source));
    }

    /** Empty where it is a manifest. */
    private Optional<FingerprintView> fingerprint(ManifestSource source) {
        if (!source.isJson() || !source.files().isEmpty()) {
            return Optional.empty();
        }
        // Faults of a manifest are told with their places, when it is read as one
        JsonNode body = json.parse(source.text(), new ArrayList<>(), (path, line, column) -> {});
        return body.has("fingerprint")
                ? Optional.of(json.bind(json.parse(source.text()), FingerprintView.class))
                : Optional.empty();
    }

    private ComparedEnvironment export(ManifestSource source) {
        Manifest manifest = manifests.readOfAny(source);
        if (!manifest.faults().isEmpty()) {
            throw new InvalidException(manifest.places().inOrder(manifest.faults()));
        }
        Map<String, ConfiguredJob> jobs = new HashMap<>();
        Map<String, String> scripts = new HashMap<>();
        for (Manifest.Entry<JobConfigurations.Wanted> entry : manifest.jobs()) {
            ConfiguredJob job = entry.wanted().job();
            jobs.put(Name.key(job.name()), job);
            scripts.put(job.name(), entry.wanted().draft().script().text());
        }
        return new ComparedEnvironment(
                Fingerprints.of("", jobs.values()), jobs, name -> Optional.ofNullable(scripts.get(name)));
    }
}
