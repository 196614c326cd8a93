package io.asyncjobs.dashboard.shell;

import io.asyncjobs.job.PausedJobsView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands around every page.
 *
 * @param section where the reader is; none on pages beside the sections
 * @param user who is signed in, or null
 * @param version of the files of style and script, so that browsers fetch new ones
 * @param notice what was just done, or null
 * @param now the database's time, by which pages say how long ago something was
 * @param held the paused jobs where these are most of all, or null
 * @param off whether the component is switched off, so that only the page is left on which it is switched on again
 */
public record Shell(
        @Nullable Section section,
        @Nullable String user,
        String environment,
        boolean production,
        String version,
        @Nullable Notice notice,
        Instant now,
        @Nullable PausedJobsView held,
        boolean off) {

    /** A part of the dashboard that has a place in the navigation. */
    public enum Section {
        JOBS("/admin/support/async-jobs", "Async Jobs"),
        ACCOUNTS("/admin/support/accounts", "Accounts"),
        CONNECTIONS("/admin/support/connections", "Connections"),
        PROVISIONING("/admin/support/provisioning", "Provisioning"),
        AUDIT("/admin/support/audit", "Audit"),
        CLUSTER("/admin/support/cluster", "Cluster"),
        ENVIRONMENT("/admin/support/environment", "Environment");

        private final String path;
        private final String title;

        Section(String path, String title) {
            this.path = path;
            this.title = title;
        }

        public String path() {
            return path;
        }

        public String title() {
            return title;
        }
    }

    /** The sections that can be seen, in their order. */
    public List<Section> sections() {
        return off ? List.of(Section.ENVIRONMENT) : List.of(Section.values());
    }

    /** The section to go back to. */
    public Section home() {
        return sections().getFirst();
    }
}
