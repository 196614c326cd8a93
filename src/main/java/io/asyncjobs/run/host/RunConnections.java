package io.asyncjobs.run.host;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.connection.http.HttpAnswer;
import io.asyncjobs.connection.http.HttpCall;
import io.asyncjobs.connection.http.HttpCalls;
import io.asyncjobs.connection.sql.SqlBatch;
import io.asyncjobs.connection.sql.SqlCall;
import io.asyncjobs.connection.sql.SqlCursors;
import io.asyncjobs.connection.sql.SqlResult;
import io.asyncjobs.connection.sql.SqlSession;
import io.asyncjobs.connection.sql.SqlSessions;
import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.script.HostCallException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one run does over connections. HTTP calls go on side by side, within bounds; the statements of one SQL connection
 * come one after the other, in the script's order, in one transaction.
 *
 * <p>Thread-safe. Stages fail with {@link HostCallException}.
 */
final class RunConnections implements AutoCloseable {

    private static final int MAX_HTTP_CALLS = 20;

    /** A session with the statements that wait for it. */
    private static final class Lane {
        @Nullable
        SqlSession session;

        CompletionStage<?> last = CompletableFuture.completedFuture(null);
        boolean changes;
    }

    private final HttpCalls http;
    private final SqlSessions sql;
    private final ExecutorService threads;
    private final boolean readOnly;
    private final Duration time;
    private final BooleanSupplier mayAct;
    private final Masking masking = new Masking();
    private final Semaphore httpPlaces = new Semaphore(MAX_HTTP_CALLS, true);
    private final Set<Future<?>> running = ConcurrentHashMap.newKeySet();

    // Guarded by this
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private long deadlineNanoTime;
    private boolean closed;

    /** @param mayAct whether this node may still act for the run; looked at directly before each call is carried out */
    RunConnections(
            HttpCalls http,
            SqlSessions sql,
            ExecutorService threads,
            boolean readOnly,
            Duration time,
            BooleanSupplier mayAct) {
        this.http = http;
        this.sql = sql;
        this.threads = threads;
        this.readOnly = readOnly;
        this.time = time;
        this.mayAct = mayAct;
    }

    /** Takes the secrets of what was used out of what is stored or shown of the run. */
    Masking masking() {
        return masking;
    }

    /**
     * The web service of that name, looked up before anything is held for a call of it.
     *
     * @throws HostCallException when there is none
     */
    HttpCalls.Opened http(String connection) {
        return known(() -> http.open(connection, masking));
    }

    /**
     * The path of a call of that web service; see {@link HttpCalls.Opened#path}.
     *
     * @throws HostCallException when it leads elsewhere
     */
    String path(HttpCalls.Opened connection, String given) {
        return known(() -> connection.path(given));
    }

    /** The signature, in Base64, that the arguments of {@code crypto.sign} ask for. */
    String sign(JsonNode arguments) {
        HttpCalls.Opened opened = http(arguments.path(0).asText());
        byte[] data = UsedSecrets.data(arguments);
        return known(() -> Base64.getEncoder()
                .encodeToString(opened.sign(
                        arguments.path(1).asText(), arguments.path(2).asText(), data)));
    }

    /** As {@link #http(String)}, for a database. */
    void requireSql(String connection) {
        synchronized (this) {
            if (lanes.containsKey(connection)) {
                return;
            }
        }
        var unused = known(() -> sql.require(connection, masking));
    }

    private static <T> T known(Supplier<T> connection) {
        try {
            return connection.get();
        } catch (ConnectionCallException e) {
            throw refusal(e);
        } catch (RuntimeException e) {
            if (DatabaseFaults.isOfTheDatabase(e)) {
                throw new HostCallException(
                        "The call was not made: the service's database, which knows the connection, does not answer");
            }
            throw e;
        }
    }

    /**
     * Something else that is done for the run in this service's own database; a fault of it is told as such.
     *
     * @param work on a thread of its own, if the node may still act for the run
     */
    <T> CompletionStage<T> carryOut(Callable<T> work) {
        return async(() -> {
            checkFence();
            try {
                return work.call();
            } catch (RuntimeException e) {
                if (DatabaseFaults.isOfTheDatabase(e)) {
                    throw new HostCallException(
                            "The service's database did not answer: it is not known whether the changes were stored");
                }
                throw e;
            }
        });
    }

    CompletionStage<HttpAnswer> http(HttpCalls.Opened connection, HttpCall call, ByteBudget.Hold memory) {
        long deadline = deadline();
        return async(() -> {
            httpPlaces.acquire();
            try {
                return http.call(connection, call, memory, deadline, this::checkFence);
            } finally {
                httpPlaces.release();
            }
        });
    }

    CompletionStage<SqlResult> query(String connection, SqlCall call, ByteBudget.Hold memory) {
        return inLane(connection, false, session -> session.query(call, memory));
    }

    /** Opens, reads or closes a cursor: {@code sql.open}, {@code sql.fetch} or {@code sql.close}. */
    CompletionStage<SqlResult> cursor(String function, SqlArguments arguments, ByteBudget.Hold memory) {
        return inLane(arguments.connection(), false, session -> {
            SqlCursors cursors = session.cursors();
            return switch (function) {
                case "sql.open" -> cursors.open(arguments.number(4), arguments.call(), memory);
                case "sql.fetch" ->
                    cursors.fetch(arguments.number(1), arguments.number(2), arguments.isTrue(3), memory);
                default -> cursors.close(arguments.number(1), memory);
            };
        });
    }

    CompletionStage<SqlResult> execute(String connection, SqlCall call, ByteBudget.Hold memory) {
        return inLane(connection, true, session -> session.execute(call, memory));
    }

    CompletionStage<SqlResult> execute(String connection, SqlBatch batch, ByteBudget.Hold memory) {
        return inLane(connection, true, session -> session.executeBatch(batch, memory));
    }

    /** What a trial does in place of {@link #execute}: has the database look at the statement, and answers with nothing. */
    CompletionStage<SqlResult> check(String connection, SqlCall call, ByteBudget.Hold memory) {
        return inLane(connection, false, session -> {
            session.check(call, memory);
            return new SqlResult("[]", 0, 0);
        });
    }

    /** Makes last what was done over that connection so far; in a trial there is nothing. */
    CompletionStage<Boolean> commit(String connection) {
        return inLane(connection, false, session -> {
            if (!readOnly) {
                session.commit();
            }
            return true;
        });
    }

    /** Whether a database was asked, so that {@link #close} may have to wait for one. */
    synchronized boolean holdsSessions() {
        return !lanes.isEmpty();
    }

    /** Whether statements that may have changed something wait for {@link #commitAll}. */
    synchronized boolean mustCommit() {
        return lanes.values().stream().anyMatch(lane -> lane.changes);
    }

    /**
     * Makes last what was done over all connections. Called when the script has ended, so that nothing goes on.
     *
     * @param made is told each connection as soon as that is done
     * @throws HostCallException naming what was made last before the one that failed
     */
    synchronized void commitAll(Consumer<String> made) {
        StringBuilder committed = new StringBuilder();
        for (Map.Entry<String, Lane> entry : lanes.entrySet()) {
            Lane lane = entry.getValue();
            if (lane.changes && lane.session != null) {
                checkFence();
                try {
                    lane.session.commit();
                } catch (ConnectionCallException e) {
                    throw new HostCallException(
                            committed.isEmpty()
                                    ? String.valueOf(e.getMessage())
                                    : e.getMessage() + "; committed before it:" + committed);
                }
                made.accept(entry.getKey());
                committed.append(' ').append(entry.getKey());
            }
        }
    }

    /** Ends what goes on and rolls back what is not committed. */
    @Override
    public void close() {
        List<Lane> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(lanes.values());
        }
        running.forEach(call -> call.cancel(true));
        for (Lane lane : open) {
            SqlSession session;
            boolean busy;
            synchronized (this) {
                session = lane.session;
                busy = !lane.last.toCompletableFuture().isDone();
            }
            if (session != null && busy) {
                session.cancel();
            } else if (session != null) {
                session.close();
            }
        }
    }

    /** The script's time begins when a worker has it, which is no later than its first call. */
    private synchronized long deadline() {
        if (deadlineNanoTime == 0) {
            deadlineNanoTime = System.nanoTime() + time.toNanos();
        }
        return deadlineNanoTime;
    }

    private interface Statement<T> {
        T carryOut(SqlSession session);
    }

    private synchronized <T> CompletionStage<T> inLane(String connection, boolean changes, Statement<T> statement) {
        Lane lane = lanes.computeIfAbsent(connection, name -> new Lane());
        CompletionStage<T> answer = lane.last
                .handle((done, failure) -> true)
                .thenCompose(turn -> async(() -> {
                    SqlSession session = session(lane, connection);
                    synchronized (this) {
                        lane.changes |= changes;
                    }
                    checkFence();
                    return statement.carryOut(session);
                }));
        lane.last = answer;
        return answer;
    }

    /** Called in the lane's turn, so never twice at once. */
    private SqlSession session(Lane lane, String connection) throws InterruptedException {
        synchronized (this) {
            if (lane.session != null) {
                return lane.session;
            }
        }
        SqlSession opened = sql.open(connection, readOnly, deadline(), masking);
        synchronized (this) {
            if (!closed) {
                lane.session = opened;
                return opened;
            }
        }
        opened.close();
        throw new InterruptedException();
    }

    private static HostCallException refusal(ConnectionCallException e) {
        return new HostCallException(Objects.requireNonNullElse(e.getMessage(), "The call failed"), e.fields());
    }

    private void checkFence() {
        if (!mayAct.getAsBoolean()) {
            throw new HostCallException(
                    "the node lost contact with the service's database; nothing more is carried out for this run");
        }
    }

    private <T> CompletionStage<T> async(Callable<T> work) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Future<?> call = threads.submit(() -> {
            try {
                answer.complete(work.call());
            } catch (ConnectionCallException e) {
                answer.completeExceptionally(refusal(e));
            } catch (InterruptedException e) {
                answer.completeExceptionally(new HostCallException("The run has ended"));
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        running.add(call);
        boolean late;
        synchronized (this) {
            late = closed;
        }
        if (late) {
            call.cancel(true);
        }
        return answer.whenComplete((value, failure) -> running.remove(call));
    }
}
