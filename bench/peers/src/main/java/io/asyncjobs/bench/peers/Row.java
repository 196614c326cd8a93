package io.asyncjobs.bench.peers;

import java.util.Locale;

/**
 * A line of the table.
 *
 * @param missed ticks that had not started a second after the window; negative where there are none to miss
 * @param latenessMillis median, 99th percentile and most; empty for a backlog
 * @param cpuSeconds of the scheduler's own processes and of PostgreSQL, each for a thousand runs
 */
record Row(
        String name,
        String load,
        double runsPerSecond,
        double demandedPerSecond,
        long missed,
        double[] latenessMillis,
        double cpuSeconds,
        double postgresCpuSeconds,
        double transactionsPerRun,
        double walBytesPerRun) {

    static final String HEAD = """
            | scheduler | load | runs/s done / asked | missed | late ms p50 | p99 | max | own CPU s / 1000 | PostgreSQL CPU s / 1000 | transactions / run | WAL bytes / run |
            |---|---|---|---|---|---|---|---|---|---|---|""";

    /** What it cost between two readings, which must not be a second old when the last run ended. */
    static Row of(
            String name,
            String load,
            double seconds,
            long runs,
            double demandedPerSecond,
            long missed,
            double[] latenessMillis,
            double cpuSeconds,
            Server.Cost before,
            Server.Cost after) {
        double thousands = runs / 1_000.0;
        return new Row(
                name,
                load,
                runs / seconds,
                demandedPerSecond,
                missed,
                latenessMillis,
                cpuSeconds / thousands,
                (after.cpuSeconds() - before.cpuSeconds()) / thousands,
                (after.commits() - before.commits()) / (double) runs,
                (after.walBytes() - before.walBytes()) / (double) runs);
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %,.0f / %s | %s | %s | %.3f | %.3f | %.2f | %,.0f |",
                name,
                load,
                runsPerSecond,
                demandedPerSecond > 0 ? String.format(Locale.ROOT, "%,.0f", demandedPerSecond) : "all at once",
                missed < 0 ? "" : String.format(Locale.ROOT, "%,d", missed),
                latenessMillis.length == 0
                        ? " | | "
                        : String.format(
                                Locale.ROOT,
                                "%,.1f | %,.1f | %,.1f",
                                latenessMillis[0],
                                latenessMillis[1],
                                latenessMillis[2]),
                cpuSeconds,
                postgresCpuSeconds,
                transactionsPerRun,
                walBytesPerRun);
    }
}
