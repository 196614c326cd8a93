package io.asyncjobs.provisioning;

import io.asyncjobs.job.ConfiguredJob;
import io.asyncjobs.job.SavedJob;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.EnvironmentConfig;
import io.asyncjobs.script.LimitsConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** One document that says how this environment is configured, for the files of a validation. */
@ApplicationScoped
public class ConfigurationReports {

    /** The media type of a table. */
    public static final String CSV = "text/csv";

    private final Turns turns;
    private final Snapshots snapshots;
    private final EnvironmentConfig environment;
    private final LimitsConfig limits;
    private final DatabaseClock clock;
    private final String version;

    ConfigurationReports(
            Turns turns,
            Snapshots snapshots,
            EnvironmentConfig environment,
            LimitsConfig limits,
            DatabaseClock clock,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.turns = turns;
        this.snapshots = snapshots;
        this.environment = environment;
        this.limits = limits;
        this.clock = clock;
        this.version = version;
    }

    /** The report as one file of HTML, with a policy that allows its own style and nothing else. */
    public Response html() {
        return Response.ok(turns.take(() -> ReportHtml.of(report())), "text/html;charset=UTF-8")
                .header("Content-Security-Policy", ReportHtml.POLICY + "; frame-ancestors 'none'")
                .header(HttpHeaders.CONTENT_DISPOSITION, "inline; filename=\"configuration-report.html\"")
                .build();
    }

    /** The report as a table. */
    public Response csv() {
        return Response.ok(turns.take(() -> ReportCsv.of(report())), CSV + ";charset=UTF-8")
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"configuration-report.csv\"")
                .build();
    }

    private ConfigurationReport report() {
        Snapshots.Snapshot stored = snapshots.take();
        FingerprintView fingerprint = Fingerprints.of(
                environment.name(),
                stored.jobs().stream().map(SavedJob::configuration).toList());
        Map<String, String> digests = fingerprint.jobs().stream()
                .collect(Collectors.toMap(FingerprintView.JobDigestView::name, FingerprintView.JobDigestView::digest));
        List<ConfigurationReport.JobLine> jobs = stored.jobs().stream()
                .map(job -> job(job, digests.get(job.configuration().name())))
                .toList();
        Set<String> users = jobs.stream()
                .flatMap(job -> Stream.ofNullable(job.associatedUser()))
                .collect(Collectors.toSet());
        return new ConfigurationReport(
                environment.name(),
                version,
                clock.now(),
                fingerprint.fingerprint(),
                stored.audit(),
                jobs,
                ReportFacts.of(stored.setting()),
                ReportFacts.of(limits),
                stored.connections().stream()
                        .map(connection -> new ConfigurationReport.Place(connection.name(), ReportFacts.of(connection)))
                        .toList(),
                stored.accounts().stream()
                        .filter(account -> users.contains(account.username()))
                        .toList());
    }

    private static ConfigurationReport.JobLine job(SavedJob job, @Nullable String digest) {
        ConfiguredJob configured = job.configuration();
        return new ConfigurationReport.JobLine(
                configured.name(),
                configured.archived() ? "archived" : job.paused() ? "paused" : "active",
                job.revision(),
                configured.pollIntervalSeconds(),
                configured.associatedUser(),
                configured.timeoutSeconds(),
                configured.limits().logBytes(),
                configured.limits().resultBytes(),
                configured.limits().stateChars(),
                configured.limits().hostCalls(),
                configured.scriptMd5(),
                configured.scriptSha256(),
                digest,
                job.updatedAt(),
                job.updatedBy());
    }
}
