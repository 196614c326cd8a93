package io.asyncjobs.script;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What runs may use: the value of a job that says nothing, and the most that one may say. */
@ConfigMapping(prefix = "asyncjobs.script.limits")
public interface LimitsConfig {

    /** The longest time of a run, whatever its job says. */
    @WithDefault("300")
    int maxTimeoutSeconds();

    /** Bytes of a log. */
    @WithDefault("262144")
    int logBytes();

    /** At most 4 MiB. */
    @WithDefault("1048576")
    int maxLogBytes();

    /** Bytes of a result. */
    @WithDefault("65536")
    int resultBytes();

    /** At most 4 MiB. */
    @WithDefault("1048576")
    int maxResultBytes();

    /** Characters of a job's state. */
    @WithDefault("1048576")
    int stateChars();

    /** The most characters of a job's state. */
    @WithDefault("4194304")
    int maxStateChars();

    /** Host calls of a run. */
    @WithDefault("10000")
    int hostCalls();

    /** The most host calls of a run. */
    @WithDefault("100000")
    int maxHostCalls();

    /** What a run's effects, audit records, log, state and result may hold in the node until they are on record. */
    @WithDefault("32M")
    MemorySize notedBytes();

    /** The arguments of a run's host calls under way: bodies, statements with their parameters, values. */
    @WithDefault("32M")
    MemorySize waitingBytes();

    /** The arguments of all host calls of a run. */
    @WithDefault("512M")
    MemorySize callBytes();
}
