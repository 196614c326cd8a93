package io.asyncjobs.job;

import io.asyncjobs.platform.http.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The list of jobs by how they do.
 *
 * <p>How a job does is known above this package, so that all jobs that a filter takes are put in order here and not by the
 * database: one statement reads them, one reads the timers, and one reads the jobs of the page.
 */
@ApplicationScoped
class JobsByHealth {

    private static final String STATUS = "status";
    private static final String FAILING_SINCE = "failingSince";
    private static final String LAST_SUCCESS_AT = "lastSuccessAt";

    private static final PageRequest.Order BY_NAME = new PageRequest.Order("j.nameKey", false);

    private static final Map<String, String> SORTABLE = sortable();

    /**
     * A page of jobs.
     *
     * @param total how many there are on all pages
     * @param counts how many of the jobs that the filter takes are in each part
     * @param users whom jobs act as, in order
     */
    record Found(List<ListedJob> jobs, long total, Map<JobHealth, Long> counts, List<String> users) {}

    private final JobRepository jobs;
    private final JobActivities activities;

    JobsByHealth(JobRepository jobs, JobActivities activities) {
        this.jobs = jobs;
        this.activities = activities;
    }

    /**
     * A page of those of the filter's jobs that are in that part.
     *
     * @param outcome of the latest run that has ended, {@code running}, or {@code none} for a job that never ran; one that runs
     *     is found by both
     */
    @Transactional
    Found list(JobFilter filter, JobHealth part, @Nullable String outcome, PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "name");
        List<JobCandidate> taken = candidates(filter, outcome, order);
        List<UUID> wanted =
                taken.stream().filter(part::takes).map(JobCandidate::id).toList();
        List<UUID> ofPage =
                wanted.stream().skip(page.offset()).limit(page.size()).toList();
        return new Found(read(ofPage), wanted.size(), counts(taken), users(taken));
    }

    /** The ids of all jobs of that part, by name. */
    @Transactional
    List<UUID> ids(JobFilter filter, JobHealth part, @Nullable String outcome) {
        return candidates(filter, outcome, BY_NAME).stream()
                .filter(part::takes)
                .map(JobCandidate::id)
                .toList();
    }

    /** The jobs with these ids that there are, in that order. */
    @Transactional
    List<ListedJob> read(Collection<UUID> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        Map<UUID, ListedJob> found = jobs.listed(ids).stream().collect(Collectors.toMap(ListedJob::id, job -> job));
        return ids.stream().map(found::get).filter(Objects::nonNull).toList();
    }

    private List<JobCandidate> candidates(JobFilter filter, @Nullable String outcome, PageRequest.Order order) {
        boolean byActivity = Set.of(STATUS, FAILING_SINCE, LAST_SUCCESS_AT).contains(order.column());
        List<JobCandidate.Row> rows = jobs.candidates(filter, byActivity ? BY_NAME : order);
        Map<UUID, JobActivities.State> states = rows.isEmpty() ? Map.of() : activities.states();
        Set<UUID> ofOutcome = outcome == null || rows.isEmpty()
                ? null
                : activities.withOutcome(rows.stream().map(JobCandidate.Row::id).toList(), outcome);
        List<JobCandidate> candidates = new ArrayList<>(rows.size());
        for (JobCandidate.Row row : rows) {
            if (ofOutcome == null || ofOutcome.contains(row.id())) {
                candidates.add(new JobCandidate(row, states.getOrDefault(row.id(), JobActivities.State.NONE)));
            }
        }
        if (byActivity) {
            candidates.sort(comparator(order));
        }
        return candidates;
    }

    private static Comparator<JobCandidate> comparator(PageRequest.Order order) {
        Comparator<JobCandidate> ascending =
                switch (order.column()) {
                    case STATUS -> Comparator.comparing(JobCandidate::severity);
                    // What does not fail comes behind what does
                    case FAILING_SINCE ->
                        Comparator.comparing(job -> at(job.state().failingSince(), Instant.MAX));
                    // What never succeeded comes before what did long ago
                    default -> Comparator.comparing(job -> at(job.state().lastSuccessAt(), Instant.MIN));
                };
        return order.descending() ? ascending.reversed() : ascending;
    }

    private static Instant at(@Nullable Instant instant, Instant otherwise) {
        return instant == null ? otherwise : instant;
    }

    private static Map<JobHealth, Long> counts(List<JobCandidate> jobs) {
        Map<JobHealth, Long> counts = new EnumMap<>(JobHealth.class);
        for (JobHealth part : JobHealth.values()) {
            counts.put(part, jobs.stream().filter(part::takes).count());
        }
        return counts;
    }

    private static List<String> users(List<JobCandidate> jobs) {
        return jobs.stream()
                .map(job -> job.row().user())
                .filter(Objects::nonNull)
                .distinct()
                .sorted(String.CASE_INSENSITIVE_ORDER)
                .toList();
    }

    private static Map<String, String> sortable() {
        Map<String, String> sortable = new HashMap<>(Jobs.SORTABLE);
        for (String byActivity : List.of(STATUS, FAILING_SINCE, LAST_SUCCESS_AT)) {
            sortable.put(byActivity, byActivity);
        }
        return Map.copyOf(sortable);
    }
}
