package io.asyncjobs.bench.faults;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The kinds of faults that {@link Nemesis} makes. */
public enum FaultKind {
    /** {@code kill -9}, and a new start after a while. */
    NODE_KILL(6, 0, 4_000),
    /** SIGTERM, and a new start after the end. */
    NODE_TERM(3, 0, 3_000),
    /** SIGSTOP, then SIGCONT. */
    NODE_STOP(6, 500, 9_000),
    WORKER_KILL(5, 0, 0),
    WORKER_STOP(4, 500, 8_000),
    /** {@code kill -9} of PostgreSQL's main process; it is started again by whoever supervises it. */
    PG_KILL(3, 0, 0),
    /** A fast shutdown and a new start. */
    PG_RESTART(2, 0, 0),
    /** SIGSTOP of the main process alone, or with all its children. */
    PG_STOP(3, 500, 6_000),
    /** SIGSTOP of one backend: that of a node's heartbeat, claims or ends. */
    BACKEND_STOP(8, 1_000, 9_000),
    TERMINATE_ONE(10, 0, 0),
    TERMINATE_ALL(6, 0, 0),
    LOCK_ROWS(8, 500, 8_000),
    LOCK_TABLE(6, 500, 6_000),
    NET_DELAY(6, 1_000, 6_000),
    /** Nothing passes and nobody is told. */
    NET_DROP(6, 500, 8_000),
    NET_CUT(10, 0, 0),
    /** Requests reach the server, their answers do not come back and the connection is cut. */
    NET_LOSE_ACK(10, 200, 2_000),
    DISK_FULL(2, 1_000, 4_000),
    /** The wall clock of a node steps by an hour. */
    CLOCK_STEP(4, 1_000, 6_000),
    /** A script that keeps to no limit, run by hand. */
    HOSTILE(4, 0, 0),
    /** Jobs created, changed, archived, paused, run and cancelled over the API, all through a burst; no fault by itself. */
    CHANGES(0, 0, 0);

    private final int weight;
    private final int shortestMillis;
    private final int longestMillis;

    FaultKind(int weight, int shortestMillis, int longestMillis) {
        this.weight = weight;
        this.shortestMillis = shortestMillis;
        this.longestMillis = longestMillis;
    }

    /** How often it is chosen, compared with others. */
    int weight() {
        return weight;
    }

    int shortestMillis() {
        return shortestMillis;
    }

    int longestMillis() {
        return longestMillis;
    }

    /** As it is written on the command line and in reports. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The kind of that name, if there is one. */
    public static Optional<FaultKind> of(String wireName) {
        return Arrays.stream(values())
                .filter(kind -> kind.wireName().equals(wireName))
                .findFirst();
    }

    /** The names of all kinds, for a person who mistyped one. */
    public static String names() {
        return Arrays.stream(values()).map(FaultKind::wireName).collect(Collectors.joining(", "));
    }

    /** All kinds. */
    public static Set<FaultKind> all() {
        return EnumSet.allOf(FaultKind.class);
    }

    /** Those among them that a plan can choose. */
    public static List<FaultKind> drawable(Set<FaultKind> among) {
        return Arrays.stream(values())
                .filter(kind -> kind.weight > 0 && among.contains(kind))
                .toList();
    }
}
