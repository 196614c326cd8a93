package io.asyncjobs.bench.faults;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** How long it took until all jobs had run again, by kind of fault. */
final class Recovery {

    private Recovery() {}

    /** The jobs that have not begun a run since then. */
    static List<String> silent(Map<String, Long> lastStarts, List<String> jobs, long since) {
        return jobs.stream()
                .filter(job -> lastStarts.getOrDefault(job, Long.MIN_VALUE) <= since)
                .toList();
    }

    /** Of so many values that one which a part of them does not exceed. */
    static double quantile(List<Double> values, double part) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[
                Math.min(
                        sorted.length - 1,
                        (int) Math.ceil(part * sorted.length) - 1 < 0 ? 0 : (int) Math.ceil(part * sorted.length) - 1)];
    }
}
