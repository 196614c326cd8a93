package io.asyncjobs.dashboard.audit;

import io.asyncjobs.audit.AuditEventView;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Wording;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An event on a page.
 *
 * @param changes field by field
 */
public record AuditRow(AuditEventView event, List<AuditChange> changes) {

    private static final int FOLDED_FROM = 7;

    public AuditRow {
        changes = List.copyOf(changes);
    }

    /** What the thing is called. */
    public String entity() {
        String name = event.entityName();
        return name == null ? event.entityId() : name;
    }

    /** The page of the thing, where it has one. */
    public @Nullable String href() {
        if (event.action().equals("delete") && !event.entityType().equals("state")) {
            return null;
        }
        return switch (event.entityType()) {
            case "job" -> Shell.Section.JOBS.path() + "/" + Wording.segment(event.entityId());
            case "account" -> named(Shell.Section.ACCOUNTS);
            case "connection" -> named(Shell.Section.CONNECTIONS);
            case "setting" -> Shell.Section.ENVIRONMENT.path();
            case "run" -> runHref();
            case "state" -> jobHref();
            default -> null;
        };
    }

    /** Where the old and the new configuration of a job stand side by side; null where there are not two. */
    public @Nullable String difference() {
        return ofJob(change -> change.before() == null || change.after() == null
                ? null
                : "/revisions/diff?from=" + change.before() + "&to=" + change.after());
    }

    /** The first revision of a job that was created; null for any other event. */
    public @Nullable String firstRevision() {
        return event.action().equals("create")
                ? ofJob(change -> change.after() == null ? null : "/revisions/" + change.after())
                : null;
    }

    private @Nullable String ofJob(Function<AuditChange, @Nullable String> page) {
        String job = href();
        if (job == null || !event.entityType().equals("job")) {
            return null;
        }
        return changes.stream()
                .filter(change -> change.field().equals("revision"))
                .findFirst()
                .map(page)
                .map(path -> job + path)
                .orElse(null);
    }

    /** The changes that say something to a reader: with the page of the difference, no digests of scripts. */
    public List<AuditChange> shown() {
        return difference() == null && firstRevision() == null
                ? changes
                : changes.stream()
                        .filter(change -> !change.field().startsWith("script."))
                        .toList();
    }

    /** Whether the script is among what was changed. */
    public boolean changesScript() {
        return changes.stream().anyMatch(change -> change.field().startsWith("script."));
    }

    /** The page of the run that it happened in, or that it happened to. */
    public @Nullable String runHref() {
        return event.runId() == null || event.jobId() == null ? null : jobHref() + "/runs/" + event.runId();
    }

    /** The page of the job that it concerns. */
    public @Nullable String jobHref() {
        return event.jobId() == null ? null : Shell.Section.JOBS.path() + "/" + event.jobId();
    }

    /** Whether the run is told of beside the thing. */
    public boolean namesRun() {
        return event.runId() != null && !event.entityType().equals("run");
    }

    /** Whether the changes are too many to stand open. */
    public boolean isFolded() {
        return shown().size() >= FOLDED_FROM;
    }

    /** The trail of that actor. */
    public String actorTrail() {
        return Address.of(Shell.Section.AUDIT.path())
                .with("actor", event.actor())
                .toString();
    }

    /** The trail of that thing. */
    public String entityTrail() {
        return Address.of(Shell.Section.AUDIT.path())
                .with("entityType", event.entityType())
                .with("entity", event.entityId())
                .toString();
    }

    private @Nullable String named(Shell.Section section) {
        return event.entityName() == null ? null : section.path() + "/" + Wording.segment(event.entityName());
    }
}
