package io.asyncjobs.schedule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.platform.StartPatience;
import io.asyncjobs.script.ScriptPool;
import io.asyncjobs.script.WorkerView;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.NotificationOptions;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The life of this node in the cluster: it joins, keeps its heart beating, fences itself when it cannot, and leaves.
 *
 * <p>Two threads of its own: one renews, the other watches the first, since a renewal may hang. A pool of two would wake both
 * each time.
 */
@Singleton
public class NodeLifecycle {

    private static final Logger LOG = Logger.getLogger(NodeLifecycle.class);
    private static final long WATCH_MILLIS = 100;

    private final Nodes nodes;
    private final Dispatcher dispatcher;
    private final ScheduleConfig config;
    private final RunLauncher launcher;
    private final ScriptPool pool;
    private final LostLeases lost;
    private final ObjectMapper json;
    private final Event<Beat> beats;
    private final ExecutorService listeners = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("heartbeat-listener-", 0).daemon().factory());
    private volatile boolean running;
    private boolean fenced;
    private @Nullable ScheduledExecutorService pulse;
    private @Nullable ScheduledExecutorService watch;

    // What the heartbeat's thread told last
    private List<WorkerView> workers = List.of();
    private String workersJson = "[]";
    private boolean renewing = true;

    public NodeLifecycle(
            Nodes nodes,
            Dispatcher dispatcher,
            ScheduleConfig config,
            RunLauncher launcher,
            ScriptPool pool,
            LostLeases lost,
            ObjectMapper json,
            Event<Beat> beats) {
        this.nodes = nodes;
        this.dispatcher = dispatcher;
        this.config = config;
        this.launcher = launcher;
        this.pool = pool;
        this.lost = lost;
        this.json = json;
        this.beats = beats;
    }

    /** Whether this node has joined and has not been asked to leave. */
    boolean isRunning() {
        return running;
    }

    void join(@Observes @Priority(Interceptor.Priority.APPLICATION + 500) StartupEvent event) {
        StartPatience.persist("Joining the cluster", nodes::register);
        long every = config.heartbeatEvery().toMillis();
        ScheduledExecutorService renewing = thread("heartbeat");
        renewing.scheduleWithFixedDelay(this::renew, every, every, TimeUnit.MILLISECONDS);
        pulse = renewing;
        watch = thread("heartbeat-watch");
        watch();
        running = true;
        dispatcher.start();
    }

    void leave(@Observes @Priority(Interceptor.Priority.APPLICATION) ShutdownEvent event) {
        if (!running) {
            return;
        }
        running = false;
        try {
            dispatcher.stop();
            announceLeaving();
            launcher.drain(config.shutdownGrace());
            // A beat after leaving would find this node gone and enter it anew
            stopPulse();
            nodes.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("This node leaves without saying so; the others will notice by its heartbeat", e);
        } finally {
            stopPulse();
        }
    }

    private void announceLeaving() {
        try {
            nodes.announceLeaving();
        } catch (RuntimeException e) {
            LOG.warnf("The other nodes are not told that this one leaves: %s", e.getMessage());
        }
    }

    private static ScheduledExecutorService thread(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    private void stopPulse() {
        stop(watch);
        watch = null;
        stop(pulse);
        pulse = null;
        listeners.shutdownNow();
    }

    private static void stop(@Nullable ScheduledExecutorService ending) {
        if (ending != null) {
            ending.shutdownNow();
            try {
                ending.awaitTermination(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void renew() {
        try {
            List<WorkerView> now = pool.workers();
            if (!now.equals(workers)) {
                workersJson = json.writeValueAsString(now);
                workers = now;
            }
            Beat answer = nodes.renew(workersJson);
            Beat beat = renewing ? answer : answer.afterSilence();
            renewing = true;
            if (!beat.renewed()) {
                LOG.warn("This node was taken for dead; it ends its runs and joins anew");
                // First, so that nothing that is lost already starts after the others were lost
                dispatcher.withdrawAll();
                launcher.loseAll("The node was taken for dead");
                nodes.register();
            } else if (beat.asksForRound() || beat.cancellations() || lost.isDue()) {
                // A heartbeat waits for nobody, and what it finds waits for no thread that serves requests
                var unused = beats.fireAsync(beat, NotificationOptions.ofExecutor(listeners));
            }
        } catch (RuntimeException | JsonProcessingException e) {
            if (renewing) {
                LOG.warnf("The heartbeat could not be renewed: %s", e.getMessage());
                renewing = false;
            }
        } catch (Error e) {
            // The next heartbeat is due all the same
            LOG.error("The heartbeat goes on after an error", e);
            renewing = false;
        }
    }

    /** Looks whether the heartbeat is late, and again when it may be. */
    private synchronized void watch() {
        long again = WATCH_MILLIS;
        try {
            Duration left = config.fenceAfter().minus(nodes.sinceRenewal());
            boolean late = left.isNegative();
            if (late && !fenced) {
                LOG.error(
                        "No heartbeat for too long: this node ends its runs and starts none until the database answers");
                dispatcher.fence(true);
                launcher.loseAll("The node lost contact with the database");
            } else if (!late && fenced) {
                LOG.info("The database answers again: this node goes on");
                dispatcher.fence(false);
            }
            fenced = late;
            again = Math.max(WATCH_MILLIS, left.toMillis());
        } catch (RuntimeException | Error e) {
            LOG.error("The watch over the heartbeat goes on after an error", e);
        }
        ScheduledExecutorService watching = watch;
        if (watching != null && !watching.isShutdown()) {
            watching.schedule(this::watch, again, TimeUnit.MILLISECONDS);
        }
    }
}
