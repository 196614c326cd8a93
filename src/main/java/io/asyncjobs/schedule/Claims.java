package io.asyncjobs.schedule;

import io.asyncjobs.platform.Clock;
import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.platform.UuidV7;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The right to run a job: won, given back and taken over by single statements, so that no crash leaves half a step.
 *
 * <p>Correctness of the whole scheduler rests on this class and on {@link Completions}: timers only say when to ask.
 */
@Singleton
public class Claims {

    /** The database's clock and the node's may differ by so much when the node asks early; never enough to matter. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofMillis(10);

    /** A claim that met a locked row passes over such rows for so long, which costs a little more. */
    private static final Duration PASS_OVER_LOCKS = Duration.ofSeconds(5);

    /**
     * The result of a claim. Jobs in none of the lists have nothing due, or another node has claimed them.
     *
     * @param refused jobs that the database refuses to claim, each with what it said
     * @param stillDue jobs that were not won although nobody has them, such as one whose row is locked
     * @param open jobs that could not be asked for, to be tried again
     * @param failure why not; null when none are open
     */
    record Answer(
            List<Claim> won,
            Map<UUID, String> refused,
            List<UUID> stillDue,
            List<UUID> open,
            @Nullable RuntimeException failure) {

        Answer {
            won = List.copyOf(won);
            refused = Map.copyOf(refused);
            stillDue = List.copyOf(stillDue);
            open = List.copyOf(open);
        }

        /** Nothing was asked. */
        static Answer nothing() {
            return new Answer(List.of(), Map.of(), List.of(), List.of(), null);
        }

        /** None of these jobs could be asked for. */
        static Answer failed(List<UUID> jobs, RuntimeException failure) {
            return new Answer(List.of(), Map.of(), List.of(), jobs, failure);
        }
    }

    private final Jdbi jdbi;
    private final DataSource database;
    private final Clock clock;
    private final ScheduleConfig config;
    private final Holdings holdings;
    private final RunEvents events;
    /** A {@link System#nanoTime}. */
    private volatile @Nullable Long passOverLocksUntil;

    public Claims(
            @io.quarkus.agroal.DataSource("schedule") Jdbi jdbi,
            @io.quarkus.agroal.DataSource("schedule") DataSource database,
            Clock clock,
            ScheduleConfig config,
            Holdings holdings,
            RunEvents events) {
        this.events = events;
        this.jdbi = jdbi;
        this.database = database;
        this.clock = clock;
        this.config = config;
        this.holdings = holdings;
    }

    /**
     * Claims for that node what is due among the jobs, in one statement; in a second one where ticks were missed or a row is
     * locked. What was won stays won when a later statement fails, and one job that the database refuses keeps no other.
     *
     * @param horizon a tick that is older does not run any more, even where it is the latest
     */
    Answer claim(UUID node, List<UUID> jobs, Duration horizon) {
        Claiming claiming = new Claiming(node, horizon);
        claiming.ask(jobs);
        events.tell(claiming.events);
        return claiming.answer(jobs);
    }

    private boolean isPassingOverLocks() {
        Long until = passOverLocksUntil;
        return until != null && clock.moment().nanoTime() - until < 0;
    }

    /** Those of the jobs that are due and that nobody has claimed. */
    List<UUID> overdue(List<UUID> jobs) {
        return ClaimStatements.OVERDUE.query(
                database,
                Map.of("jobIds", jobs.toArray(UUID[]::new), "ahead", config.claimAhead()),
                row -> row.getObject("job_id", UUID.class));
    }

    private static Optional<Claim> claim(ResultSet row) throws SQLException {
        return Optional.of(new Claim(
                row.getObject("run_id", UUID.class),
                row.getObject("job_id", UUID.class),
                row.getInt("revision"),
                row.getLong("epoch"),
                RunTrigger.TIMER,
                row.getObject("tick", OffsetDateTime.class).toInstant(),
                row.getString("inactive_user")));
    }

    /** One round of asking, as it goes on. */
    private final class Claiming {

        private final UUID node;
        private final Duration horizon;
        private final List<Claim> won = new ArrayList<>();
        private final List<RunEvent> events = new ArrayList<>();
        private final Map<UUID, String> refused = new HashMap<>();
        private final List<UUID> open = new ArrayList<>();
        private @Nullable RuntimeException failure;

        Claiming(UUID node, Duration horizon) {
            this.node = node;
            this.horizon = horizon;
        }

        void ask(List<UUID> jobs) {
            if (!isPassingOverLocks()) {
                try {
                    ask(ClaimStatements.CLAIM_SINGLE, jobs, Claims::claim);
                } catch (IllegalStateException e) {
                    if (DatabaseFaults.isOfWaiting(e)) {
                        passOverLocksUntil = clock.moment().nanoTime() + PASS_OVER_LOCKS.toNanos();
                    } else if (!DatabaseFaults.isOfTheData(e)) {
                        leaveOpen(jobs, e);
                        return;
                    }
                }
            }
            List<UUID> rest = unsettled(jobs);
            if (!rest.isEmpty()) {
                askApart(rest);
            }
        }

        /** Asks passing over locked rows, and again by halves where the database refuses one of them. */
        void askApart(List<UUID> jobs) {
            try {
                ask(ClaimStatements.CLAIM, jobs, this::claimOrGap);
            } catch (IllegalStateException e) {
                if (!DatabaseFaults.isOfTheData(e)) {
                    // Where a whole table is locked, the other statement may get on without it
                    passOverLocksUntil = null;
                    leaveOpen(jobs, e);
                } else if (jobs.size() == 1) {
                    refused.put(jobs.getFirst(), DatabaseFaults.reason(e));
                } else {
                    askApart(jobs.subList(0, jobs.size() / 2));
                    askApart(jobs.subList(jobs.size() / 2, jobs.size()));
                }
            }
        }

        void ask(NamedStatement statement, List<UUID> jobs, NamedStatement.RowReader<Optional<Claim>> reader) {
            Instant now = clock.now();
            UUID[] sorted = jobs.toArray(UUID[]::new);
            Arrays.sort(sorted, RowArrays.LOCK_ORDER);
            UUID[] runs = new UUID[sorted.length];
            for (int i = 0; i < runs.length; i++) {
                runs[i] = UuidV7.at(now);
            }
            List<UUID> asked = Arrays.asList(runs);
            holdings.asking(asked);
            List<Optional<Claim>> rows;
            try {
                rows = statement.query(
                        database,
                        Map.of(
                                "jobIds", sorted,
                                "runIds", runs,
                                "node", node,
                                "ahead", config.claimAhead().plus(CLOCK_TOLERANCE),
                                "horizon", horizon,
                                "leaseDuration", config.leaseDuration()),
                        reader);
            } catch (RuntimeException | Error e) {
                holdings.loseTrack(asked);
                throw e;
            }
            Set<UUID> notWon = new HashSet<>(asked);
            for (Optional<Claim> row : rows) {
                row.ifPresent(claim -> {
                    notWon.remove(claim.runId());
                    won.add(claim);
                    events.add(new RunEvent.Claimed(claim));
                });
            }
            holdings.forget(notWon);
        }

        private Optional<Claim> claimOrGap(ResultSet row) throws SQLException {
            TickGaps.read(row).ifPresent(events::add);
            return row.getBoolean("runs") ? Claims.claim(row) : Optional.empty();
        }

        void leaveOpen(List<UUID> jobs, RuntimeException e) {
            open.addAll(jobs);
            failure = e;
        }

        private List<UUID> unsettled(List<UUID> jobs) {
            if (won.size() + refused.size() + open.size() == jobs.size()) {
                // Nearly always
                return List.of();
            }
            Set<UUID> settled = new HashSet<>(open);
            settled.addAll(refused.keySet());
            won.forEach(claim -> settled.add(claim.jobId()));
            return jobs.stream().filter(job -> !settled.contains(job)).toList();
        }

        Answer answer(List<UUID> jobs) {
            List<UUID> rest = unsettled(jobs);
            List<UUID> stillDue = List.of();
            if (!rest.isEmpty()) {
                try {
                    stillDue = overdue(rest);
                } catch (IllegalStateException e) {
                    leaveOpen(rest, e);
                }
            }
            return new Answer(won, refused, stillDue, open, failure);
        }
    }

    /**
     * Gives back claims of runs that never started, as if they had never been won; the tick is due again where the job's
     * grid is still the same. Epochs stay, so that nothing can be written for these runs any more. Returns those that are
     * still held, since somebody has their rows locked.
     */
    List<Claim> giveBack(List<Claim> claims) {
        List<RunEvent> told = new ArrayList<>();
        List<Claim> locked = jdbi.withHandle(handle -> {
            Map<String, Object> values = new HashMap<>(HeldLeases.columns(claims));
            values.put(
                    "ticks",
                    RowArrays.column(claims, OffsetDateTime.class, claim -> RowArrays.utc(claim.scheduledFor())));
            Set<UUID> back = new HashSet<>(ClaimStatements.GIVE_BACK.query(handle.getConnection(), values, row -> {
                TickGaps.read(row).ifPresent(told::add);
                return row.getObject("run_id", UUID.class);
            }));
            List<Claim> rest = new ArrayList<>();
            for (Claim claim : claims) {
                if (back.contains(claim.runId())) {
                    told.add(new RunEvent.GivenBack(claim));
                } else {
                    rest.add(claim);
                }
            }
            Set<UUID> held = rest.isEmpty() ? Set.of() : HeldLeases.held(handle, rest);
            holdings.forget(claims.stream()
                    .map(Claim::runId)
                    .filter(run -> !held.contains(run))
                    .toList());
            return rest.stream().filter(claim -> held.contains(claim.runId())).toList();
        });
        events.tell(told);
        return locked;
    }

    /** Claims a run by hand, whatever the time; empty while the job is running, and for an archived or unknown job. */
    Optional<Claim> claimNow(UUID node, UUID job) {
        return claimNow(node, ManualRun.of(job), (handle, claim) -> {});
    }

    /** As {@link #claimNow(UUID, UUID)}, with something to be done in the same transaction when the run was won. */
    Optional<Claim> claimNow(UUID node, ManualRun asked, BiConsumer<Handle, Claim> together) {
        UUID run = UuidV7.at(clock.now());
        holdings.asking(List.of(run));
        try {
            Optional<Claim> won = jdbi.inTransaction(handle -> {
                Optional<Claim> claim = claimNow(handle, node, asked, run);
                claim.ifPresent(fresh -> together.accept(handle, fresh));
                return claim;
            });
            won.ifPresentOrElse(claim -> events.tell(new RunEvent.Claimed(claim)), () -> holdings.forget(List.of(run)));
            return won;
        } catch (RuntimeException | Error e) {
            holdings.loseTrack(List.of(run));
            throw e;
        }
    }

    private Optional<Claim> claimNow(Handle handle, UUID node, ManualRun asked, UUID run) {
        List<Claim> won = ClaimStatements.CLAIM_NOW.query(
                handle.getConnection(),
                Map.of(
                        "job", asked.job(),
                        "run", run,
                        "node", node,
                        "leaseDuration", config.leaseDuration(),
                        "revision", Objects.requireNonNullElse(asked.revision(), 0),
                        "parameters", Objects.requireNonNullElse(asked.parameters(), "")),
                row -> new Claim(
                        run,
                        asked.job(),
                        row.getInt("revision"),
                        row.getLong("epoch"),
                        RunTrigger.MANUAL,
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("inactive_user")));
        return won.stream().findFirst();
    }

    /** Whether this node may start that run now; false once its heartbeat was late since the claim. */
    boolean mayStart(Claim claim) {
        return holdings.mayAct(claim.runId());
    }

    /** Whether that run still holds its job's lease. */
    public boolean isHeld(Claim claim) {
        return jdbi.withHandle(
                handle -> !HeldLeases.held(handle, List.of(claim)).isEmpty());
    }
}
