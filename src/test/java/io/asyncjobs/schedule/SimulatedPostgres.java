package io.asyncjobs.schedule;

import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.testsupport.OwnSchema;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The service's own statements on PostgreSQL, in a schema of their own whose {@code clock_timestamp()} gives the simulated time.
 * All processes share a connection: the simulation asks for one statement at a time.
 */
final class SimulatedPostgres implements SimulatedDatabase, AutoCloseable {

    private final OwnSchema schema = new OwnSchema("simulated");
    private final Connection connection;
    private final Connection locking;
    private final ScheduleConfig config;
    /** For what is no process of the simulation: its statements do not fail. */
    private final Jdbi jdbi = OwnSchema.jdbi(new Statements(false));

    private @Nullable Simulation world;
    private boolean locked;

    SimulatedPostgres(ScheduleConfig config) throws SQLException {
        this.config = config;
        connection = schema.dataSource().getConnection();
        locking = schema.dataSource().getConnection();
        execute("""
                create function clock_timestamp() returns timestamptz language sql volatile
                return current_setting('simulated.now')::timestamptz
                """);
        // The catalog comes last, so that its own function of that name is not found first
        execute("set search_path = " + schema.name() + ", pg_catalog");
        // A lock that is held here is never let go while the statement waits for it
        execute("set lock_timeout = 1");
        execute("""
                insert into script (sha256, md5, content, created_at) values ('simulated', 'simulated', '', now())
                """);
    }

    /** Empty, for another simulation. */
    SimulatedPostgres reset(Simulation next) {
        world = next;
        try {
            locking.setAutoCommit(true);
            locked = false;
            execute("truncate job_timer, run, tick_gap, node, job cascade");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    @Override
    public void close() throws SQLException {
        locking.setAutoCommit(true);
        locking.close();
        execute("reset lock_timeout");
        connection.close();
        schema.close();
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** From now on the database's clock says what the simulation's says. */
    private void setClock() throws SQLException {
        try (PreparedStatement set = connection.prepareStatement("select set_config('simulated.now', ?, false)")) {
            set.setString(1, SimulatedTables.at(world().now()).toString());
            set.execute();
        }
    }

    private Simulation world() {
        return Objects.requireNonNull(world, "reset() comes first");
    }

    @Override
    public void addJob(UUID job, int intervalSeconds, Instant firstTick) {
        jdbi.useTransaction(handle -> {
            handle.createUpdate("""
                            insert into job (id, name, name_key, archived, poll_interval_seconds, timeout_seconds, script_sha256,
                                parameters, revision, version, schedule_changed_at, created_at, created_by, updated_at, updated_by)
                            values (:id, :name, :name, false, :interval, 60, 'simulated', '{}', 1, 1, clock_timestamp(), now(), 'test',
                                now(), 'test')
                            """)
                    .bind("id", job)
                    .bind("name", job.toString())
                    .bind("interval", intervalSeconds)
                    .execute();
            handle.createUpdate("""
                            insert into job_timer (job_id, basis, anchor, interval_seconds, paused, next_tick, epoch)
                            values (:id, (select schedule_changed_at from job where id = :id), :first, :interval, false, :first, 0)
                            """)
                    .bind("id", job)
                    .bind("interval", intervalSeconds)
                    .bind("first", firstTick.atOffset(ZoneOffset.UTC))
                    .execute();
        });
    }

    @Override
    public void lock(UUID job, long nanos) {
        if (locked) {
            return;
        }
        try {
            locking.setAutoCommit(false);
            try (PreparedStatement lock =
                    locking.prepareStatement("select from job_timer where job_id = ? for update")) {
                lock.setObject(1, job);
                lock.execute();
            }
            locked = true;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        world().after(null, nanos, () -> {
            try {
                locking.rollback();
                locked = false;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Override
    public boolean pause(UUID job, boolean paused) {
        try {
            return jdbi.inTransaction(handle -> {
                int changed = handle.createUpdate("""
                                update job
                                set paused_at = case when :paused then clock_timestamp() end,
                                    paused_by = case when :paused then 'test' end,
                                    schedule_changed_at = clock_timestamp()
                                where id = :id and (paused_at is not null) <> :paused
                                """)
                        .bind("paused", paused)
                        .bind("id", job)
                        .execute();
                if (changed > 0) {
                    TimerRepository.match(handle, job);
                }
                return changed > 0;
            });
        } catch (JdbiException e) {
            if (DatabaseFaults.isOfWaiting(e)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public List<String> check(Duration patience) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        with told as (
                            select job_id, scheduled_for as tick from run where trigger = 'timer'
                            union all
                            select g.job_id, tick_after(g.first_tick, g.interval_seconds, n)
                            from tick_gap g, generate_series(0, g.ticks - 1) as n
                        ), expected as (
                            select t.job_id, tick_after(t.anchor, t.interval_seconds, n) as tick
                            from job_timer t, generate_series(0, ticks_until(t.anchor, t.interval_seconds, t.next_tick) - 2) as n
                        )
                        select format('job %s: tick %s is told of %s times', job_id, tick, count(told.tick))
                        from expected left join told using (job_id, tick)
                        group by job_id, tick
                        having count(told.tick) <> 1
                        union all
                        select format('job %s: tick %s is told of and did not fall due', told.job_id, told.tick)
                        from told left join expected using (job_id, tick)
                        where expected.tick is null
                        union all
                        select format('job %s does not go on: its next tick is %s, its lease is %s', job_id, next_tick, lease_run)
                        from job_timer
                        where not paused and next_tick < clock_timestamp() - :patience
                        union all
                        select format('job %s: the lease of run %s is that of a dead node', t.job_id, t.lease_run)
                        from job_timer t left join node n on n.id = t.lease_node
                        where t.lease_run is not null
                            and (n.id is null or n.ended_at is not null or n.heartbeat_at < clock_timestamp() - :lease)
                        """)
                .bind("patience", patience)
                .bind("lease", config.leaseDuration())
                .mapTo(String.class)
                .list());
    }

    @Override
    public Access access(SimulatedNode node, Fence fence, Holdings holdings) {
        return new ServiceAccess(node, fence, holdings);
    }

    /** The service's own classes. */
    private final class ServiceAccess implements Access {

        private final Nodes nodes;
        private final Claims leases;
        private final Completions completions;
        private final LostLeases lost;
        private final TimerRepository timers;

        ServiceAccess(SimulatedNode node, Fence fence, Holdings holdings) {
            DataSource statements = new Statements(true);
            Jdbi ofProcess = OwnSchema.jdbi(statements);
            nodes = new Nodes(statements, node, config, fence);
            leases = new Claims(ofProcess, statements, node, config, holdings, RunEvents.to());
            completions = new Completions(statements, holdings, RunEvents.to());
            lost = new LostLeases(statements, nodes, holdings, config, node, RunEvents.to());
            timers = new TimerRepository(ofProcess, RunEvents.to());
        }

        @Override
        public void register() {
            nodes.register();
        }

        @Override
        public Beat renew() {
            return nodes.renew("[]");
        }

        @Override
        public boolean prefers(UUID job) {
            return nodes.prefers(job);
        }

        @Override
        public void announceLeaving() {
            nodes.announceLeaving();
        }

        @Override
        public void leave() {
            nodes.leave();
        }

        @Override
        public List<TimerRepository.Row> timers() {
            return timers.synchronize(Instant.EPOCH);
        }

        @Override
        public List<UUID> overdue(List<UUID> jobs) {
            return leases.overdue(jobs);
        }

        @Override
        public Claims.Answer claim(List<UUID> jobs, Duration horizon) {
            return leases.claim(nodes.id(), jobs, horizon);
        }

        @Override
        public List<Claim> giveBack(List<Claim> claims) {
            return claims.isEmpty() ? List.of() : leases.giveBack(claims);
        }

        @Override
        public int state(UUID job) {
            return 0;
        }

        @Override
        public Set<UUID> complete(List<Completion> done, Map<UUID, Integer> read) {
            return completions.complete(done);
        }

        @Override
        public List<UUID> endLost() {
            return List.copyOf(lost.end());
        }
    }

    /** The one connection, whose statements fail as the simulation has drawn. */
    private final class Statements implements DataSource {

        private final boolean failing;

        Statements(boolean failing) {
            this.failing = failing;
        }

        @Override
        public Connection getConnection() {
            return (Connection) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("close") || method.getName().equals("setNetworkTimeout")) {
                            return null;
                        }
                        Object answer = invoke(connection, method, arguments);
                        return answer instanceof PreparedStatement statement ? failing(statement) : answer;
                    });
        }

        private PreparedStatement failing(PreparedStatement statement) {
            return (PreparedStatement) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {PreparedStatement.class},
                    (proxy, method, arguments) -> {
                        if (!method.getName().startsWith("execute")) {
                            return invoke(statement, method, arguments);
                        }
                        setClock();
                        return failing
                                ? world().acknowledged(() -> invoke(statement, method, arguments))
                                : invoke(statement, method, arguments);
                    });
        }

        private static Object invoke(Object on, Method method, Object[] arguments) throws Throwable {
            try {
                return method.invoke(on, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }

        @Override
        public Connection getConnection(String username, String password) {
            return getConnection();
        }

        @Override
        public @Nullable PrintWriter getLogWriter() {
            return null;
        }

        @Override
        public void setLogWriter(PrintWriter out) {}

        @Override
        public void setLoginTimeout(int seconds) {}

        @Override
        public int getLoginTimeout() {
            return 0;
        }

        @Override
        public Logger getParentLogger() throws SQLFeatureNotSupportedException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLException();
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }
}
