package io.asyncjobs.provisioning;

import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.text.InvisibleDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Compares fingerprints, and scripts where both are known. */
final class Comparisons {

    private Comparisons() {}

    /** What differs here from there. */
    static ComparisonView of(ComparedEnvironment here, ComparedEnvironment there) {
        Map<String, FingerprintView.JobDigestView> left = byKey(here.fingerprint());
        Map<String, FingerprintView.JobDigestView> right = byKey(there.fingerprint());
        TreeMap<String, ComparisonView.JobComparisonView> jobs = new TreeMap<>();
        left.forEach((key, job) -> {
            FingerprintView.JobDigestView other = right.get(key);
            if (other == null) {
                jobs.put(key, only(job, ComparisonView.Status.EXTRA));
            } else if (!job.digest().equals(other.digest())) {
                List<String> fields = differing(job, other);
                Optional<InvisibleDifference> invisible = fields.contains("script")
                        ? here.script().apply(job.name()).flatMap(script -> there.script()
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
        String digestHere = here.fingerprint().fingerprint();
        String digestThere = there.fingerprint().fingerprint();
        return new ComparisonView(
                jobs.isEmpty() && digestHere.equals(digestThere), digestHere, digestThere, List.copyOf(jobs.values()));
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
