package io.asyncjobs.provisioning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.audit.Changes;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.crypto.SecretBox;
import io.asyncjobs.platform.crypto.UnreadableSecretException;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.security.Caller;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Plans under four eyes: who planned one cannot approve it, and only an approved one is applied. */
@ApplicationScoped
public class SealedPlans {

    /** How long the rows stay; the audit trail keeps who did what. */
    private static final Duration KEPT = Duration.ofDays(90);

    private static final Map<String, String> SORTABLE = Map.of("plannedAt", "plannedAt");

    private final SealedPlanRepository repository;
    private final ProvisioningConfig config;
    private final DatabaseClock clock;
    private final Caller caller;
    private final AuditTrail audit;
    private final SecretBox box;
    private final ObjectMapper json;
    private final StrictJson strict;
    private final Turns turns;

    SealedPlans(
            SealedPlanRepository repository,
            ProvisioningConfig config,
            DatabaseClock clock,
            Caller caller,
            AuditTrail audit,
            SecretBox box,
            ObjectMapper json,
            StrictJson strict,
            Turns turns) {
        this.repository = repository;
        this.config = config;
        this.clock = clock;
        this.caller = caller;
        this.audit = audit;
        this.box = box;
        this.json = json;
        this.strict = strict;
        this.turns = turns;
    }

    /** Whether a plan needs an approval here. */
    public boolean isRequired() {
        return config.approvalRequired();
    }

    /** Keeps a plan for its approval. One that is kept and still of use stays as it is, with its author. */
    @Transactional(Transactional.TxType.MANDATORY)
    void keep(PlanView plan, @Nullable String reason) {
        if (!isRequired() || plan.pending() == 0) {
            return;
        }
        if (!box.hasKey()) {
            throw new RefusedException(
                    "encryption-key-missing",
                    "A plan holds scripts, so it can be kept only where an encryption key is configured: set"
                            + " ASYNCJOBS_ENCRYPTION_KEYS and start the service again.");
        }
        Instant now = clock.now();
        Optional<SealedPlan> before = repository.findForUpdate(plan.hash());
        if (before.map(found -> found.state(now)).filter(SealedPlans::isOfUse).isPresent()) {
            return;
        }
        before.ifPresent(repository::delete);
        repository.deletePlannedBefore(now.minus(KEPT));
        repository.flush();
        SealedPlan stored = new SealedPlan(plan.hash());
        stored.content = box.seal(compressed(plan), context(plan.hash()));
        stored.pending = plan.pending();
        stored.reason = reason;
        stored.plannedAt = now;
        stored.plannedBy = caller.name();
        if (repository.insert(stored)) {
            tell("plan", stored, reason);
        }
    }

    private static boolean isOfUse(SealedPlanView.State state) {
        return state == SealedPlanView.State.WAITING || state == SealedPlanView.State.APPROVED;
    }

    /**
     * Says that the plan is applied in the caller's transaction.
     *
     * @throws RefusedException when it has no approval that holds
     */
    @Transactional(Transactional.TxType.MANDATORY)
    void use(PlanView plan) {
        if (!isRequired() || plan.pending() == 0) {
            return;
        }
        Instant now = clock.now();
        SealedPlan stored = repository.findForUpdate(plan.hash()).orElse(null);
        SealedPlanView.State state = stored == null ? SealedPlanView.State.WAITING : stored.state(now);
        if (stored == null || state != SealedPlanView.State.APPROVED) {
            throw new RefusedException(
                    "plan-not-approved",
                    state == SealedPlanView.State.EXPIRED
                            ? "The approval of the plan has expired, so nothing was changed. Plan again, and have the plan approved."
                            : "Here a plan is applied only when somebody else has approved it, and nobody has approved "
                                    + plan.hash() + ". Nothing was changed.");
        }
        stored.appliedAt = now;
        stored.appliedBy = caller.name();
        repository.flush();
        tell("apply", stored, stored.reason);
    }

    /** A page of the plans, latest first, without what they change. */
    @Transactional
    public PageView<SealedPlanView> list(PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "-plannedAt");
        Instant now = clock.now();
        List<SealedPlanView> shown = repository.list(page, order).stream()
                .map(stored -> SealedPlanView.of(stored, now, null))
                .toList();
        return PageView.of(page, shown, repository.count());
    }

    /**
     * The plan of that hash; {@link UnknownException} when there is none.
     *
     * @throws RefusedException where it is stored damaged
     */
    public SealedPlanView get(String hash) {
        return inTurn(() -> {
            SealedPlan stored = repository.findByIdOptional(hash).orElseThrow(() -> unknown(hash));
            return view(stored);
        });
    }

    /**
     * Approves the plan.
     *
     * @throws RefusedException for the plan's author, and when it does not wait any more
     */
    public SealedPlanView approve(String hash, ApprovalDraft draft) {
        return inTurn(() -> {
            SealedPlan stored = repository.findForUpdate(hash).orElseThrow(() -> unknown(hash));
            Instant now = clock.now();
            if (stored.plannedBy.equals(caller.name())) {
                throw new RefusedException(
                        "own-plan", "Who planned cannot approve: this plan is yours, and somebody else approves it.");
            }
            SealedPlanView.State state = stored.state(now);
            if (state != SealedPlanView.State.WAITING) {
                throw new RefusedException(
                        "plan-not-waiting",
                        "The plan does not wait for an approval: it is " + state.word() + " already.");
            }
            SealedPlanView seen = view(stored);
            stored.approvedAt = now;
            stored.approvedBy = caller.name();
            stored.approvalReason = draft.reason();
            stored.expiresAt = now.plus(config.approvalValidFor());
            repository.flush();
            tell("approve", stored, draft.reason());
            return SealedPlanView.of(stored, now, seen.plan());
        });
    }

    /** The turn comes first: a transaction that waits for it would hold a connection. */
    private SealedPlanView inTurn(Callable<SealedPlanView> work) {
        return turns.take(() -> QuarkusTransaction.requiringNew().call(work));
    }

    private static UnknownException unknown(String hash) {
        return new UnknownException("There is no plan with the hash " + hash + ".");
    }

    private void tell(String action, SealedPlan stored, @Nullable String reason) {
        ObjectNode after = JsonNodeFactory.instance
                .objectNode()
                .put("hash", stored.hash)
                .put("pending", stored.pending)
                .put("plannedBy", stored.plannedBy)
                .put("approvedBy", stored.approvedBy);
        audit.record(AuditEntry.of(caller.name(), action, "plan", stored.hash)
                .with(Changes.between(null, after))
                .because(reason));
    }

    private SealedPlanView view(SealedPlan stored) {
        byte[] plain;
        try {
            plain = box.open(stored.content, context(stored.hash));
            try (GZIPInputStream text = new GZIPInputStream(new ByteArrayInputStream(plain))) {
                String written = new String(text.readAllBytes(), StandardCharsets.UTF_8);
                // Read as a request is, so that numbers keep their digits
                PlanView plan = json.treeToValue(strict.parse(written), PlanView.class);
                return SealedPlanView.of(stored, clock.now(), plan);
            }
        } catch (UnreadableSecretException | IOException e) {
            throw new RefusedException("stored-damaged", "The plan is stored damaged. Plan again.");
        }
    }

    private byte[] compressed(PlanView plan) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            json.writeValue(out, plan);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Every plan can be written", e);
        } catch (IOException e) {
            throw new UncheckedIOException("Memory can be written to", e);
        }
        return bytes.toByteArray();
    }

    private static String context(String hash) {
        return "sealed_plan/" + hash;
    }
}
