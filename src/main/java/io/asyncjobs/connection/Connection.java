package io.asyncjobs.connection;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A named place that scripts may reach; never leaves the package. */
@Entity
@Table(name = "connection")
class Connection {

    @Id
    @Column(name = "id", nullable = false, updatable = false)
    UUID id;

    @Column(name = "name", nullable = false, updatable = false)
    String name;

    @Column(name = "name_key", nullable = false, updatable = false)
    String nameKey;

    @Enumerated(EnumType.STRING)
    @Column(name = "kind", nullable = false)
    ConnectionKind kind;

    @Column(name = "description")
    @Nullable
    String description;

    /** JSON of {@link HttpSettings} or {@link PostgresqlSettings}. */
    @Column(name = "settings", nullable = false)
    String settings;

    /** Sealed for this id and the settings' target; see {@link ConnectionSecrets}. */
    @Column(name = "sealed_secret")
    byte @Nullable [] sealedSecret;

    /** JSON of {@link TlsSettings}; null for none. */
    @Column(name = "tls")
    @Nullable
    String tls;

    /** See {@link StoredSecrets}. */
    @Column(name = "named_secrets", nullable = false)
    String namedSecrets = StoredSecrets.NONE;

    @Column(name = "sealed_client_key")
    byte @Nullable [] sealedClientKey;

    @Column(name = "created_at", nullable = false, updatable = false)
    Instant createdAt;

    @Column(name = "created_by", nullable = false, updatable = false)
    String createdBy;

    @Column(name = "updated_at", nullable = false)
    Instant updatedAt;

    @Column(name = "updated_by", nullable = false)
    String updatedBy;

    @Version
    @Column(name = "version", nullable = false)
    int version;

    /** For Hibernate. */
    protected Connection() {}
}
