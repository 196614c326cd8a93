package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.platform.EnvironmentConfig;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Plans manifests, and carries out exactly what was planned. */
@ApplicationScoped
public class Provisioning {

    /** An apply of thousands of jobs takes longer than the changes that people make. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** Every apply takes this lock, so that one compares after the other has committed. */
    private static final String ONE_AT_A_TIME =
            "select cast(pg_advisory_xact_lock(hashtextextended('asyncjobs.provisioning', 0)) as text)";

    /**
     * What an apply came to.
     *
     * @param done whether the plan was carried out; otherwise nothing was, and it is the plan as it is now
     */
    record Applied(boolean done, PlanView plan) {}

    /** Jobs that are saved together are in memory together, with their scripts. */
    private static final int JOBS_AT_ONCE = 100;

    private static final int CHARS_AT_ONCE = 1024 * 1024;

    private final Turns turns;
    private final ManifestReader reader;
    private final Planner planner;
    private final Exports exports;
    private final EntityManager database;
    private final JobConfigurations jobs;
    private final EnvironmentConfig environment;
    private final SealedPlans sealedPlans;

    Provisioning(
            Turns turns,
            ManifestReader reader,
            Planner planner,
            Exports exports,
            EntityManager database,
            JobConfigurations jobs,
            EnvironmentConfig environment,
            SealedPlans sealedPlans) {
        this.turns = turns;
        this.reader = reader;
        this.exports = exports;
        this.planner = planner;
        this.jobs = jobs;
        this.environment = environment;
        this.sealedPlans = sealedPlans;
        this.database = database;
    }

    /** What an apply of the manifest would do; changes nothing, and is kept where it needs an approval. */
    PlanView plan(byte[] manifest, @Nullable MediaType type) {
        return turns.take(() -> {
            Manifest wanted = reader.read(manifest, type);
            return inTransaction(() -> {
                PlanView plan = planner.plan(wanted).view();
                sealedPlans.keep(plan, wanted.head().why());
                return plan;
            });
        });
    }

    /** Does all that the plan with that hash says, or nothing. */
    Applied apply(byte[] manifest, @Nullable MediaType type, String hash) {
        return turns.take(() -> apply(reader.read(manifest, type), hash));
    }

    private Applied apply(Manifest manifest, String hash) {
        PlanView plan;
        try {
            plan = inTransaction(() -> applied(manifest, hash));
        } catch (StaleException | RefusedException e) {
            // Somebody changed a job, an account or a connection by hand while this was carried out
            PlanView now = inTransaction(() -> planner.plan(manifest).view());
            if (now.hash().equals(hash)) {
                throw e;
            }
            return new Applied(false, now);
        }
        return new Applied(plan.hash().equals(hash), plan);
    }

    private static <T> T inTransaction(Callable<T> work) {
        return QuarkusTransaction.requiringNew()
                .timeout((int) LONGEST.toSeconds())
                .call(work);
    }

    /** All of this environment as a manifest in YAML. */
    public byte[] exportYaml() {
        return export(Exports.Filter.ALL, ManifestWriter::yaml);
    }

    /** All of this environment as a manifest with its scripts in a zip. */
    public byte[] exportZip() {
        return export(Exports.Filter.ALL, ManifestWriter::zip);
    }

    /** This environment as a manifest, written as {@code writer} does. */
    byte[] export(Exports.Filter filter, Function<ObjectNode, byte[]> writer) {
        return turns.take(() -> writer.apply(exports.manifest(filter)));
    }

    /** Digests of all active jobs. */
    FingerprintView fingerprint() {
        return turns.take(() -> Fingerprints.of(environment.name(), jobs.all()));
    }

    /** Carries out the plan if it has that hash, and returns it. */
    private PlanView applied(Manifest manifest, String hash) {
        database.createNativeQuery("set local lock_timeout = '14s'").executeUpdate();
        database.createNativeQuery(ONE_AT_A_TIME).getSingleResult();
        Plan plan = planner.plan(manifest);
        if (plan.view().hash().equals(hash)) {
            sealedPlans.use(plan.view());
            carryOut(plan.steps(), manifest.head().why());
        }
        return plan.view();
    }

    private void carryOut(List<Plan.Step> steps, @Nullable String reason) {
        List<UUID> scheduled = new ArrayList<>();
        List<JobConfigurations.Saving> together = new ArrayList<>();
        int chars = 0;
        for (Plan.Step step : steps) {
            switch (step.work()) {
                case null -> {}
                case Plan.Work.Call(Runnable call) -> call.run();
                case Plan.Work.Job(JobConfigurations.Saving saving) -> {
                    if (together.size() == JOBS_AT_ONCE || chars + saving.scriptChars() > CHARS_AT_ONCE) {
                        scheduled.addAll(jobs.save(together, reason));
                        together.clear();
                        chars = 0;
                    }
                    together.add(saving);
                    chars += saving.scriptChars();
                }
            }
        }
        scheduled.addAll(jobs.save(together, reason));
        jobs.startSchedules(scheduled);
    }
}
