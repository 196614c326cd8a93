package io.asyncjobs.provisioning;

import io.asyncjobs.account.AccountView;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.audit.AuditHead;
import io.asyncjobs.audit.AuditHeads;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.connection.Connections;
import io.asyncjobs.job.JobConfigurations;
import io.asyncjobs.job.SavedJob;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.setting.SettingView;
import io.asyncjobs.setting.Settings;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;

/** All that is stored of an environment's configuration, as it was at one instant. */
@ApplicationScoped
class Snapshots {

    /** Every statement sees what was committed before the first one. */
    private static final String ONE_INSTANT = "set transaction isolation level repeatable read, read only";

    /** @param audit the head of the trail at that instant */
    record Snapshot(
            AuditHead audit,
            List<SavedJob> jobs,
            SettingView setting,
            List<ConnectionView> connections,
            List<AccountView> accounts) {}

    private final EntityManager database;
    private final AuditHeads audit;
    private final JobConfigurations jobs;
    private final Settings settings;
    private final Connections connections;
    private final Accounts accounts;

    Snapshots(
            EntityManager database,
            AuditHeads audit,
            JobConfigurations jobs,
            Settings settings,
            Connections connections,
            Accounts accounts) {
        this.database = database;
        this.audit = audit;
        this.jobs = jobs;
        this.settings = settings;
        this.connections = connections;
        this.accounts = accounts;
    }

    /** Jobs, connections and accounts are in the order of their names. */
    Snapshot take() {
        audit.catchUp();
        return QuarkusTransaction.requiringNew().call(() -> {
            database.createNativeQuery(ONE_INSTANT).executeUpdate();
            return new Snapshot(
                    audit.head(),
                    jobs.allSaved(),
                    settings.get().body(),
                    connections.all().stream().map(Tagged::body).toList(),
                    accounts.all().stream().map(Tagged::body).toList());
        });
    }
}
