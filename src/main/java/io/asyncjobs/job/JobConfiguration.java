package io.asyncjobs.job;

import io.asyncjobs.account.Account;
import io.asyncjobs.platform.json.StoredJson;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.FetchType;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MappedSuperclass;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a job and each of its revisions hold alike: everything that a save can change. */
@MappedSuperclass
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
abstract class JobConfiguration {

    @Column(nullable = false)
    String name;

    @Nullable
    String description;

    boolean archived;

    @ManyToOne(fetch = FetchType.LAZY)
    @JoinColumn(name = "associated_account")
    @Nullable
    Account associatedAccount;

    @Column(name = "poll_interval_seconds")
    int pollIntervalSeconds;

    @Column(name = "timeout_seconds")
    int timeoutSeconds;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "script_sha256")
    StoredScript script;

    /** Whether the script runs in strict mode: false of one that was saved before all did. */
    boolean strict;

    /** JSON object as text. */
    @Column(nullable = false)
    String parameters;

    /** JSON Schema as text. */
    @Column(name = "parameters_schema")
    @Nullable
    String parametersSchema;

    @Embedded
    @Nullable
    JobLimits limits;

    /** Whether both would be run alike, whatever their archived marks say. */
    final boolean configuredAs(JobConfiguration other) {
        return name.equals(other.name)
                && Objects.equals(description, other.description)
                && Objects.equals(associatedAccount, other.associatedAccount)
                && pollIntervalSeconds == other.pollIntervalSeconds
                && timeoutSeconds == other.timeoutSeconds
                && script.sha256.equals(other.script.sha256)
                && StoredJson.same(parameters, other.parameters)
                && StoredJson.same(parametersSchema, other.parametersSchema)
                && JobLimits.of(limits).equals(JobLimits.of(other.limits));
    }

    /** Takes over everything that the other one holds. */
    final void copy(JobConfiguration other) {
        name = other.name;
        description = other.description;
        archived = other.archived;
        associatedAccount = other.associatedAccount;
        pollIntervalSeconds = other.pollIntervalSeconds;
        timeoutSeconds = other.timeoutSeconds;
        script = other.script;
        strict = other.strict;
        parameters = other.parameters;
        parametersSchema = other.parametersSchema;
        limits = other.limits;
    }
}
