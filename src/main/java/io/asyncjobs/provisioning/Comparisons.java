package io.asyncjobs.provisioning;

import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.text.InvisibleDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Compares fingerprints, and scripts where both are known. */
final class Comparisons {

    private Comparisons() {}

    /**
     * Compares them.
     *
     * @param scriptHere the script of a job here, by its name; empty where it is not known
     * @param scriptThere likewise
     */
    static ComparisonView of(
            FingerprintView here,
            FingerprintView there,
            Function<String, Optional<String>> scriptHere,
            Function<String, Optional<String>> scriptThere) {
        Map<String, FingerprintView.JobDigestView> left = byKey(here);
        Map<String, FingerprintView.JobDigestView> right = byKey(there);
        TreeMap<String, ComparisonView.JobComparisonView> jobs = new TreeMap<>();
        left.forEach((key, job) -> {
            FingerprintView.JobDigestView other = right.get(key);
            if (other == null) {
                jobs.put(key, only(job, ComparisonView.Status.EXTRA));
            } else if (!job.digest().equals(other.digest())) {
                List<String> fields = differing(job, other);
                Optional<InvisibleDifference> invisible = fields.contains("script")
                        ? scriptHere.apply(job.name()).flatMap(script -> scriptThere
                                .apply(other.name())
                                .flatMap(otherScript -> InvisibleDifference.between(script, otherScript)))
                        : Optional.empty();
                jobs.put(
                        key,
                        new ComparisonView.JobComparisonView(
                                job.name(),
                                ComparisonView.Status.DIFFERS,
                                fields,
                                invisible.map(Comparisons::view).orElse(null)));
            }
        });
        right.forEach((key, job) -> {
            if (!left.containsKey(key)) {
                jobs.put(key, only(job, ComparisonView.Status.MISSING));
            }
        });
        return new ComparisonView(
                jobs.isEmpty() && here.fingerprint().equals(there.fingerprint()),
                here.fingerprint(),
                there.fingerprint(),
                List.copyOf(jobs.values()));
    }

    private static Map<String, FingerprintView.JobDigestView> byKey(FingerprintView fingerprint) {
        Map<String, FingerprintView.JobDigestView> jobs = new TreeMap<>();
        fingerprint.jobs().forEach(job -> jobs.put(Name.key(job.name()), job));
        return jobs;
    }

    private static ComparisonView.JobComparisonView only(
            FingerprintView.JobDigestView job, ComparisonView.Status status) {
        return new ComparisonView.JobComparisonView(job.name(), status, List.of(), null);
    }

    private static List<String> differing(FingerprintView.JobDigestView job, FingerprintView.JobDigestView other) {
        List<String> fields = new ArrayList<>();
        job.fields().forEach((field, digest) -> {
            if (!digest.equals(other.fields().get(field))) {
                fields.add(field);
            }
        });
        other.fields().keySet().stream()
                .filter(field -> !job.fields().containsKey(field))
                .forEach(fields::add);
        return fields;
    }

    private static ComparisonView.InvisibleView view(InvisibleDifference difference) {
        return new ComparisonView.InvisibleView(
                difference.kinds().stream()
                        .sorted()
                        .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                        .toList(),
                difference.places().stream()
                        .map(place -> new ComparisonView.PlaceView(place.line(), place.before(), place.after()))
                        .toList());
    }
}
