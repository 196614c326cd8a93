package io.asyncjobs.schedule;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Times that rule leases and timers. The defaults are what the guarantees of the service are stated for. */
@ConfigMapping(prefix = "asyncjobs.schedule")
public interface ScheduleConfig {

    /** How often a node renews its heartbeat and reconciles its timers. */
    @WithDefault("1s")
    Duration heartbeatEvery();

    /** A node without a heartbeat for so long is taken for dead, and its leases are taken over. */
    @WithDefault("5s")
    Duration leaseDuration();

    /** A node that could not renew for so long ends its own runs; below {@link #leaseDuration}, so that no two nodes run one job. */
    @WithDefault("3s")
    Duration fenceAfter();

    /** How far ahead of its tick a job may be claimed; its run still starts at the tick. */
    @WithDefault("200ms")
    Duration claimAhead();

    /** How long the other nodes leave a tick to the job's preferred node. */
    @WithDefault("250ms")
    Duration affinityGrace();

    /** How long runs in flight may go on when the node is asked to stop, before they are cancelled. */
    @WithDefault("10s")
    Duration shutdownGrace();
}
