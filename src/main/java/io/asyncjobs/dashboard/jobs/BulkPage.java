package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.dashboard.form.UtcInput;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.JobHeads;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.job.JobFilter;
import io.asyncjobs.job.JobHealth;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.problem.InvalidException;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** Several jobs at once: first what would be done, then doing it, then what was refused. */
@Path(BulkPage.PATH)
@Produces(MediaType.TEXT_HTML)
@Consumes(MediaType.APPLICATION_FORM_URLENCODED)
@Blocking
public class BulkPage {

    static final String PATH = "/admin/support/bulk";

    /** As many as a form holds, and as are changed while somebody waits. */
    private static final int MOST_JOBS = 5_000;

    private static final Map<String, Duration> LENGTHS = Map.of(
            "15m", Duration.ofMinutes(15),
            "30m", Duration.ofMinutes(30),
            "1h", Duration.ofHours(1),
            "4h", Duration.ofHours(4),
            "12h", Duration.ofHours(12),
            "24h", Duration.ofHours(24));

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance bulk(Shell shell, BulkPlan plan, boolean reasonRequired);

        static native TemplateInstance bulkReport(Shell shell, BulkReport report);
    }

    private final Shells shells;
    private final JobHeads heads;
    private final JobOperations jobs;
    private final BulkActions actions;
    private final DatabaseClock clock;

    BulkPage(Shells shells, JobHeads heads, JobOperations jobs, BulkActions actions, DatabaseClock clock) {
        this.shells = shells;
        this.heads = heads;
        this.jobs = jobs;
        this.actions = actions;
        this.clock = clock;
    }

    /** There is nothing to see before jobs are chosen. */
    @GET
    @Consumes(MediaType.WILDCARD)
    public Response none() {
        return Address.seeOther(Shell.Section.JOBS.path()).build();
    }

    /** What would be done; nothing is. */
    @POST
    public TemplateInstance preview(
            @RestForm @Nullable String action,
            @RestForm @Nullable String scope,
            @RestForm("job") List<String> chosen,
            @RestForm @Nullable String show,
            @RestForm @Nullable String q,
            @RestForm @Nullable String user,
            @RestForm @Nullable String outcome,
            @RestForm @Nullable String until,
            @RestForm("for") @Nullable String length) {
        BulkAction wanted = named(action);
        List<UUID> ids =
                switch (scope == null ? "" : scope) {
                    case "everything" -> jobs.ids(JobFilter.of(null, null), JobHealth.ALL, null);
                    case "matching" -> jobs.ids(JobFilter.of(given(q), given(user)), part(show), given(outcome));
                    default -> ids(chosen.stream());
                };
        requireFew(ids);
        return Templates.bulk(
                shells.of(Shell.Section.JOBS), actions.plan(wanted, ids, end(until, length)), heads.reasonRequired());
    }

    @POST
    @Path("/{action:pause|resume|runs|archive}")
    public Response carryOut(
            @PathParam("action") String path,
            @RestForm("jobs") @Nullable String typed,
            @RestForm @Nullable String reason,
            @RestForm @Nullable String until) {
        BulkAction action = Stream.of(BulkAction.values())
                .filter(one -> one.path().equals(path))
                .findFirst()
                .orElseThrow();
        List<UUID> ids =
                ids(Arrays.stream(typed == null ? new String[0] : typed.strip().split("\\s+")));
        requireFew(ids);
        BulkReport report =
                actions.carryOut(action, ids, ReasonParameter.checked(reason), UtcInput.parse("until", until));
        if (report.refused().isEmpty()) {
            // A reload does nothing twice
            return Address.seeOther(Address.of(Shell.Section.JOBS.path())
                            .with("done", action.notice().key())
                            .toString())
                    .build();
        }
        return Response.ok(Templates.bulkReport(shells.of(Shell.Section.JOBS), report))
                .build();
    }

    private static BulkAction named(@Nullable String action) {
        return Stream.of(BulkAction.values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(action))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidException("action", "must be one of " + String.join(", ", BulkAction.names())));
    }

    private static JobHealth part(@Nullable String show) {
        return Stream.of(JobHealth.values())
                .filter(part -> JobListQuery.key(part).equals(show))
                .findFirst()
                .orElse(JobHealth.ALL);
    }

    private static List<UUID> ids(Stream<String> typed) {
        return typed.filter(text -> !text.isBlank())
                .map(text -> {
                    try {
                        return UUID.fromString(text);
                    } catch (IllegalArgumentException e) {
                        throw new InvalidException("jobs", "must be ids of jobs; '" + text + "' is none");
                    }
                })
                .distinct()
                .toList();
    }

    private static void requireFew(List<UUID> ids) {
        if (ids.size() > MOST_JOBS) {
            throw new InvalidException(
                    "jobs", "must be at most %d at once, but are %d; filter the list".formatted(MOST_JOBS, ids.size()));
        }
    }

    /** The end of a pause: that one, or so long from now; empty for none. */
    private String end(@Nullable String until, @Nullable String length) {
        Instant asked = UtcInput.parse("until", until);
        if (asked != null) {
            return UtcInput.format(asked);
        }
        Duration lasting = LENGTHS.get(length == null ? "" : length);
        return lasting == null ? "" : UtcInput.format(clock.now().plus(lasting).truncatedTo(ChronoUnit.SECONDS));
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
