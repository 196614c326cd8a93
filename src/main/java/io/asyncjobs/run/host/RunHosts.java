package io.asyncjobs.run.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.connection.http.HttpCalls;
import io.asyncjobs.connection.sql.SqlSessions;
import io.asyncjobs.job.JobSnapshot;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.script.LogLine;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Makes the host of each run and of each trial. */
@Singleton
public class RunHosts {

    private final HttpCalls http;
    private final SqlSessions sql;
    private final RunLimits limits;
    private final DatabaseClock clock;
    private final ObjectMapper json;
    private final HostMemory memory;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("host-call-", 0).factory());

    RunHosts(
            HttpCalls http,
            SqlSessions sql,
            RunLimits limits,
            DatabaseClock clock,
            ObjectMapper json,
            HostMemory memory) {
        this.http = http;
        this.sql = sql;
        this.limits = limits;
        this.clock = clock;
        this.json = json;
        this.memory = memory;
    }

    /**
     * A host whose calls have effects.
     *
     * @param mayAct whether this node may still act for the run
     */
    public RunHost ofRun(
            Consumer<LogLine> log, StateStore state, JobSnapshot job, RunAudit audit, BooleanSupplier mayAct) {
        return host(log, state, job, false, audit, mayAct);
    }

    /** A host whose calls read only; what would change something is noted. */
    public RunHost ofTrial(Consumer<LogLine> log, Supplier<Map<String, String>> state, JobSnapshot job) {
        return host(log, StateStore.readOnly(state), job, true, RunAudit.none(), () -> true);
    }

    private RunHost host(
            Consumer<LogLine> log,
            StateStore state,
            JobSnapshot job,
            boolean trial,
            RunAudit audit,
            BooleanSupplier mayAct) {
        RunConnections connections = new RunConnections(http, sql, threads, trial, job.timeout(), mayAct);
        RunMemory held = memory.of(job);
        return new RunHost(
                log,
                state,
                new RunState(state::read, limits.stateChars(job), held),
                connections,
                trial,
                audit,
                job.actor(),
                clock,
                json,
                held);
    }

    @PreDestroy
    void stop() {
        threads.shutdownNow();
    }
}
