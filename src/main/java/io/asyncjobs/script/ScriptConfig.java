package io.asyncjobs.script;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** How scripts are run. */
@ConfigMapping(prefix = "asyncjobs.script")
public interface ScriptConfig {

    /** Holds {@code lib} (the worker's class path) and {@code compiler} (for just-in-time compilation). */
    @WithDefault("target/worker")
    Path workerDirectory();

    /** The JVM of the workers; the node's own unless said otherwise. */
    Optional<Path> java();

    /** Whether workers compile scripts where their JVM can. */
    @WithDefault("true")
    boolean compile();

    /**
     * Cores that an interpreting worker uses before workers that compile take its place; 0 starts with those. They give way
     * again after fifteen minutes of little load.
     */
    @WithDefault("0.6")
    double compileAbove();

    /** How long a worker that compiles shares the runs with the interpreting one that it replaces. */
    @WithDefault("20s")
    Duration compileWarmUp();

    /** Worker processes; one for every two cores unless said otherwise. */
    OptionalInt workers();

    /** Worker processes kept ready beside them, so that the loss of one delays nobody. */
    @WithDefault("1")
    int spareWorkers();

    /** Runs in flight in one worker. */
    @WithDefault("16")
    int slotsPerWorker();

    /** The heap of one worker, as the JVM's -Xmx takes it. */
    @WithDefault("384m")
    String workerHeap();

    /**
     * What the host calls of all runs may hold in this node: what is noted of them until it is on record, bodies, rows and
     * parameters. Two fifths of the node's heap unless said otherwise.
     */
    Optional<MemorySize> hostMemory();

    /** How long a worker may take to start; twice as long after each start that failed. */
    @WithDefault("30s")
    Duration startTimeout();

    /** How long a worker may take to stop a run before the run is reported all the same and the worker condemned. */
    @WithDefault("300ms")
    Duration stopGrace();
}
