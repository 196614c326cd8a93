package io.asyncjobs.platform.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much of a node clients may take, and for how long. The defaults fit a heap of 512 MiB. */
@ConfigMapping(prefix = "asyncjobs.http")
public interface HttpConfig {

    /**
     * Connections at once, and twice as many for a second; beyond them the one that has been without a request for the longest
     * is closed.
     */
    @WithDefault("1000")
    int maxConnections();

    /** How long the head of a request may take to arrive, from its first byte on. */
    @WithDefault("10s")
    Duration headTimeout();

    /** How long the body of a request may take to arrive. */
    @WithDefault("20s")
    Duration bodyTimeout();

    /** How long a connection may stay open without a request. */
    @WithDefault("75s")
    Duration idleTimeout();

    /** Bodies that are being read at once; beyond them the one that has taken longest is refused. */
    @WithDefault("256")
    int maxBodiesRead();

    /** Bytes of large bodies that are held at once, read or being read. */
    @WithDefault("33554432")
    int maxBodyBytesHeld();

    /** Units of work at once: a request is one, and one more for every 96 KiB of its body. */
    @WithDefault("24")
    int maxRequests();

    /** Requests that wait until others have ended; beyond them a request is refused. */
    @WithDefault("256")
    int maxRequestsWaiting();

    /** How long a request may wait until others have ended. */
    @WithDefault("30s")
    Duration waitTimeout();

    /** Bytes of answers that clients have not taken yet; beyond them the slowest are cut off. */
    @WithDefault("67108864")
    long maxAnswerBytesHeld();

    /** How long a client may take next to nothing of an answer. */
    @WithDefault("60s")
    Duration answerTimeout();
}
