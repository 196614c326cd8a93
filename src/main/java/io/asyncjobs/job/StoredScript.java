package io.asyncjobs.job;

import io.asyncjobs.script.ScriptSource;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A source as kept: once for all jobs and revisions that hold the same bytes. */
@Entity
@Table(name = "script")
class StoredScript {

    @Id
    String sha256;

    @Column(nullable = false)
    String md5;

    @Column(nullable = false)
    byte[] source;

    @Column(name = "created_at", nullable = false)
    Instant createdAt;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init") // Hibernate sets the fields
    protected StoredScript() {}

    StoredScript(ScriptSource source, Instant now) {
        this.sha256 = source.sha256();
        this.md5 = source.md5();
        this.source = source.utf8();
        this.createdAt = now;
    }

    ScriptSource toSource() {
        return ScriptSource.ofUtf8(source);
    }
}
