package io.asyncjobs.dashboard.shell;

import io.asyncjobs.audit.AuditConfig;
import io.asyncjobs.job.JobOperations;
import jakarta.inject.Singleton;

/** Makes what stands above the pages of a job. */
@Singleton
public class JobHeads {

    private final JobOperations jobs;
    private final AuditConfig audit;

    JobHeads(JobOperations jobs, AuditConfig audit) {
        this.jobs = jobs;
        this.audit = audit;
    }

    /** Above that page of the job of that id or name; {@code UnknownException} when there is none. */
    public JobHead of(String idOrName, JobHead.Tab tab) {
        return JobHead.of(jobs.get(idOrName), tab, audit.reasonRequired());
    }

    /** Whether each change needs a reason. */
    public boolean reasonRequired() {
        return audit.reasonRequired();
    }
}
