package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.platform.EnvironmentConfig;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.script.ScriptSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Plans manifests, and carries out exactly what was planned. */
@ApplicationScoped
class Provisioning {

    /** An apply of thousands of jobs takes longer than the changes that people make. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** Every apply takes this lock, so that one compares after the other has committed. */
    private static final String ONE_AT_A_TIME =
            "select cast(pg_advisory_xact_lock(hashtextextended('asyncjobs.provisioning', 0)) as text)";

    /** The plan was made of another state, or of another manifest. */
    static final class OtherPlanException extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient PlanView plan;

        OtherPlanException(PlanView plan) {
            super("The state or the manifest is not the one that was planned");
            this.plan = plan;
        }

        /** What an apply would do now. */
        PlanView plan() {
            return plan;
        }
    }

    private final ManifestReader reader;
    private final Planner planner;
    private final EntityManager database;
    private final JobConfigurations jobs;
    private final EnvironmentConfig environment;
    private final StrictJson json;

    Provisioning(
            ManifestReader reader,
            Planner planner,
            EntityManager database,
            JobConfigurations jobs,
            EnvironmentConfig environment,
            StrictJson json) {
        this.reader = reader;
        this.planner = planner;
        this.jobs = jobs;
        this.environment = environment;
        this.json = json;
        this.database = database;
    }

    /** What an apply of the manifest would do; changes nothing. */
    PlanView plan(byte[] manifest, @Nullable MediaType type) {
        return plan(reader.read(manifest, type));
    }

    private PlanView plan(Manifest manifest) {
        return QuarkusTransaction.requiringNew()
                .timeout((int) LONGEST.toSeconds())
                .call(() -> planner.plan(manifest).view());
    }

    /**
     * Does all that the plan with that hash says, or nothing.
     *
     * @throws OtherPlanException with the plan as it is now
     */
    PlanView apply(byte[] body, @Nullable MediaType type, String hash) throws OtherPlanException {
        Manifest manifest = reader.read(body, type);
        Plan plan;
        try {
            plan = QuarkusTransaction.requiringNew()
                    .timeout((int) LONGEST.toSeconds())
                    .call(() -> applied(manifest, hash));
        } catch (StaleException | RefusedException e) {
            // Somebody changed a job, an account or a connection by hand while this was carried out
            PlanView now = plan(manifest);
            if (now.hash().equals(hash)) {
                throw e;
            }
            throw new OtherPlanException(now);
        }
        if (!plan.view().hash().equals(hash)) {
            throw new OtherPlanException(plan.view());
        }
        return plan.view();
    }

    /** Digests of all active jobs. */
    FingerprintView fingerprint() {
        return Fingerprints.of(environment.name(), jobs.all());
    }

    /**
     * This environment beside another one.
     *
     * @param other the other's fingerprint, or an export of it
     */
    ComparisonView compare(byte[] other, @Nullable MediaType type) {
        FingerprintView here = fingerprint();
        Optional<FingerprintView> there = fingerprint(other, type);
        if (there.isPresent()) {
            return Comparisons.of(here, there.get(), name -> Optional.empty(), name -> Optional.empty());
        }
        Manifest manifest = reader.readOfAny(other, type);
        if (!manifest.faults().isEmpty()) {
            throw new InvalidException(manifest.places().inOrder(manifest.faults()));
        }
        Map<String, String> scripts = new HashMap<>();
        manifest.jobs()
                .forEach(job -> scripts.put(
                        job.wanted().job().name(), job.wanted().draft().script().text()));
        Map<String, String> digests = new HashMap<>();
        here.jobs()
                .forEach(job ->
                        digests.put(job.name(), String.valueOf(job.fields().get("script"))));
        return Comparisons.of(
                here,
                Fingerprints.of(
                        "",
                        manifest.jobs().stream().map(job -> job.wanted().job()).toList()),
                name -> Optional.ofNullable(digests.get(name))
                        .flatMap(jobs::script)
                        .map(ScriptSource::text),
                name -> Optional.ofNullable(scripts.get(name)));
    }

    /** Empty where the body is a manifest. */
    private Optional<FingerprintView> fingerprint(byte[] other, @Nullable MediaType type) {
        if (type == null || !type.getSubtype().endsWith("json")) {
            return Optional.empty();
        }
        JsonNode body = json.parse(new String(other, StandardCharsets.UTF_8));
        return body.has("fingerprint") ? Optional.of(json.bind(body, FingerprintView.class)) : Optional.empty();
    }

    private Plan applied(Manifest manifest, String hash) {
        database.createNativeQuery("set local lock_timeout = '14s'").executeUpdate();
        database.createNativeQuery(ONE_AT_A_TIME).getSingleResult();
        Plan plan = planner.plan(manifest);
        if (plan.view().hash().equals(hash)) {
            for (Plan.Step step : plan.steps()) {
                step.carriedOut().run();
            }
        }
        return plan;
    }
}
