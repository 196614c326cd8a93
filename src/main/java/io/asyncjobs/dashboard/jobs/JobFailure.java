package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.job.RevisionView;
import io.asyncjobs.run.history.RunActivities;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a job that fails, for the top of its page.
 *
 * @param error what the latest failed run said; empty where that is not known
 * @param began the revision with which it began; null where that is not known
 */
public record JobFailure(
        UUID job,
        RunActivities.Failure known,
        String error,
        @Nullable RevisionView began) {

    /** Where the latest failed run is; empty where its history is deleted. */
    public String latestPath() {
        return path(known.latest());
    }

    /** Where the first failed run is. */
    public String firstPath() {
        return path(known.first());
    }

    /** Where the last run that succeeded is. */
    public String succeededPath() {
        return path(known.succeeded());
    }

    /** Whether it began with another configuration than that of the last success. */
    public boolean changed() {
        return bothKnown() && revision(known.first()) != succeededRevision();
    }

    /** Whether the configuration of the last success was the one that failed first. */
    public boolean unchanged() {
        return bothKnown() && revision(known.first()) == succeededRevision() && !overridden();
    }

    /** Whether the first failed run or the last successful one had parameters of its own. */
    public boolean overridden() {
        return overridden(known.first()) || overridden(known.succeeded());
    }

    private static boolean overridden(RunActivities.@Nullable KnownRun run) {
        return run != null && run.parametersOverridden();
    }

    /** The revision of the last success; 0 where it is not known. */
    public int succeededRevision() {
        return revision(known.succeeded());
    }

    /** Where the two configurations are compared. */
    public String differencePath() {
        return Address.of(Shell.Section.JOBS.path() + "/" + job + "/revisions/diff")
                .with("from", succeededRevision())
                .with("to", revision(known.first()))
                .toString();
    }

    private boolean bothKnown() {
        return known.first() != null && known.succeeded() != null;
    }

    private static int revision(RunActivities.@Nullable KnownRun run) {
        return run == null ? 0 : run.revision();
    }

    private String path(RunActivities.@Nullable KnownRun run) {
        return run == null ? "" : Shell.Section.JOBS.path() + "/" + job + "/runs/" + run.id();
    }
}
