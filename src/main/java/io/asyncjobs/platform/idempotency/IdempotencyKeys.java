package io.asyncjobs.platform.idempotency;

import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.UnknownException;
import jakarta.inject.Singleton;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a day what calls with an {@code Idempotency-Key} made.
 *
 * <p>A key is kept in the transaction of what it made, so that after a crash either both are there or neither. A call that
 * was refused is not remembered: nothing was made.
 */
@Singleton
public class IdempotencyKeys {

    /** One that is older than a day gives way. */
    private static final String INSERT = """
            insert into idempotency_key as kept (id, call, made)
            values (?, ?, ?)
            on conflict (id) do update
                set call = excluded.call, made = excluded.made, created_at = excluded.created_at
                where kept.created_at < clock_timestamp() - interval '1 day'
            """;

    /** Some at each insert: more than come in. */
    private static final String FORGET = """
            delete from idempotency_key
            where id in (
                select id
                from idempotency_key
                where created_at < clock_timestamp() - interval '1 day'
                limit 10
                for update skip locked)
            """;

    private record Kept(String call, UUID made) {}

    private final Jdbi jdbi;
    private final DataSource database;

    IdempotencyKeys(Jdbi jdbi, DataSource database) {
        this.jdbi = jdbi;
        this.database = database;
    }

    /**
     * What the call comes to: what an earlier one made, or what this one does.
     *
     * @param call null for one without a key
     * @param first does it, and keeps the key together with it
     * @param again reads what was made
     * @throws InvalidException when the key was sent with another call
     */
    public <T> IdempotentAnswer<T> answer(@Nullable IdempotentCall call, Supplier<T> first, Function<UUID, T> again) {
        if (call == null) {
            return new IdempotentAnswer<>(first.get(), false);
        }
        Optional<T> earlier = earlier(call, again);
        if (earlier.isPresent()) {
            return new IdempotentAnswer<>(earlier.get(), true);
        }
        try {
            return new IdempotentAnswer<>(first.get(), false);
        } catch (RefusedException e) {
            // The same call may have come twice at once
            return new IdempotentAnswer<>(earlier(call, again).orElseThrow(() -> e), true);
        }
    }

    private <T> Optional<T> earlier(IdempotentCall call, Function<UUID, T> again) {
        Optional<Kept> kept = jdbi.withHandle(handle -> handle.createQuery("""
                        select call, made
                        from idempotency_key
                        where id = :id and created_at >= clock_timestamp() - interval '1 day'
                        """)
                .bind("id", call.id())
                .map((row, context) -> new Kept(row.getString(1), row.getObject(2, UUID.class)))
                .findOne());
        kept.ifPresent(one -> requireSame(one, call));
        try {
            return kept.map(Kept::made).map(again);
        } catch (UnknownException e) {
            throw new RefusedException(
                    "result-gone", "What an earlier call with this Idempotency-Key made was deleted since.");
        }
    }

    private static void requireSame(Kept kept, IdempotentCall call) {
        if (!kept.call().equals(call.call())) {
            throw new InvalidException(
                    IdempotencyKeyParameter.HEADER,
                    "was sent with another call before; a key belongs to one call, and each new call needs a new one");
        }
    }

    /**
     * Keeps the key in the caller's JTA transaction, which must be there.
     *
     * @throws RefusedException when another call was faster
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void keep(@Nullable IdempotentCall call, UUID made) {
        try (Connection connection = database.getConnection()) {
            keep(connection, call, made);
        } catch (SQLException e) {
            throw new IllegalStateException("The idempotency key cannot be kept", e);
        }
    }

    /** As {@link #keep(IdempotentCall, UUID)}, in the transaction that is open there. */
    public void keep(Handle handle, @Nullable IdempotentCall call, UUID made) {
        try {
            keep(handle.getConnection(), call, made);
        } catch (SQLException e) {
            throw new IllegalStateException("The idempotency key cannot be kept", e);
        }
    }

    private static void keep(Connection connection, @Nullable IdempotentCall call, UUID made) throws SQLException {
        if (call == null) {
            return;
        }
        try (PreparedStatement forget = connection.prepareStatement(FORGET);
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            forget.executeUpdate();
            insert.setString(1, call.id());
            insert.setString(2, call.call());
            insert.setObject(3, made);
            if (insert.executeUpdate() == 0) {
                throw new RefusedException(
                        "idempotency-key-in-use", "Another call with this Idempotency-Key was faster.");
            }
        }
    }
}
