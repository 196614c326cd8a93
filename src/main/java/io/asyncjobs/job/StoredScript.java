package io.asyncjobs.job;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/**
 * A source as kept, by its digests: once for all jobs and revisions that hold the same bytes. The sealed bytes themselves
 * are read by {@link StoredScripts} alone, where they are wanted.
 */
@Entity
@Table(name = "script")
class StoredScript {

    @Id
    String sha256;

    @Column(nullable = false)
    String md5;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init") // Hibernate sets the fields
    protected StoredScript() {}
}
