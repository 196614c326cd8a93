package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
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

    Provisioning(ManifestReader reader, Planner planner, EntityManager database) {
        this.reader = reader;
        this.planner = planner;
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
