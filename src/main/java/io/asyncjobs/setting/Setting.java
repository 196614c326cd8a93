package io.asyncjobs.setting;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.List;

/** A part of the product with its name, its type and whom it is for; all but {@code enabled} is fixed. */
@Entity
@Table(name = "setting")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
class Setting {

    /** The one setting there is. */
    static final String ASYNC_JOB_MANAGER = "async-job-manager";

    @Id
    @Column(name = "key", nullable = false, updatable = false)
    String key;

    @Column(name = "name", nullable = false, updatable = false)
    String name;

    @Column(name = "type", nullable = false, updatable = false)
    String type;

    @Column(name = "roles", nullable = false, updatable = false, columnDefinition = "text[]")
    List<String> roles;

    @Column(name = "enabled", nullable = false)
    boolean enabled;

    @Column(name = "updated_at", nullable = false)
    Instant updatedAt;

    @Column(name = "updated_by", nullable = false)
    String updatedBy;

    @Version
    @Column(name = "version", nullable = false)
    int version;

    /** For Hibernate. */
    protected Setting() {}
}
