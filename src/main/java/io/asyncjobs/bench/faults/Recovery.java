package io.asyncjobs.bench.faults;

import java.util.Arrays;
import java.util.List;

/** Sums up how long it took until all jobs had run again. */
final class Recovery {

    private Recovery() {}

    /** Of so many values that one which a part of them does not exceed. */
    static double quantile(List<Double> values, double part) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
    }
}
