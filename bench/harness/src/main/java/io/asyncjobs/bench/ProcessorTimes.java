package io.asyncjobs.bench;

import java.util.List;
import java.util.OptionalLong;

/**
 * Seconds of processor time that a measured service and its PostgreSQL have used so far.
 *
 * @param postgres NaN if PostgreSQL runs elsewhere
 */
record ProcessorTimes(double nodes, double workers, double postgres) {

    static ProcessorTimes read(BenchDatabase database, BenchService service) {
        List<ProcessMeter.Usage> all = ProcessMeter.isSupported() ? ProcessMeter.all() : List.of();
        OptionalLong postmaster = database.postmasterPid();
        return new ProcessorTimes(
                service.pids().stream()
                        .mapToDouble(pid -> ProcessMeter.own(all, pid))
                        .sum(),
                service.pids().stream()
                        .mapToDouble(pid -> ProcessMeter.children(all, pid))
                        .sum(),
                postmaster.isPresent()
                        ? ProcessMeter.own(all, postmaster.getAsLong())
                                + ProcessMeter.children(all, postmaster.getAsLong())
                        : Double.NaN);
    }

    ProcessorTimes minus(ProcessorTimes before) {
        return new ProcessorTimes(nodes - before.nodes, workers - before.workers, postgres - before.postgres);
    }

    double all() {
        return nodes + workers + postgres;
    }
}
