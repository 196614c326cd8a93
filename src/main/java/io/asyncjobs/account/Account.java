package io.asyncjobs.account;

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

/** A user that changes can be attributed to; never leaves the service as such. */
@Entity
@Table(name = "account")
public class Account {

    /** The account that acts where nobody else is named; there from the first migration on. */
    public static final String SYSTEM = "system";

    @Id
    @Column(name = "id", nullable = false, updatable = false)
    UUID id;

    @Column(name = "username", nullable = false, updatable = false)
    String username;

    @Column(name = "username_key", nullable = false, updatable = false)
    String usernameKey;

    @Column(name = "display_name", nullable = false)
    String displayName;

    @Enumerated(EnumType.STRING)
    @Column(name = "kind", nullable = false)
    AccountKind kind;

    @Column(name = "email")
    @Nullable
    String email;

    @Column(name = "active", nullable = false)
    boolean active;

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
    protected Account() {}

    public UUID id() {
        return id;
    }

    public String username() {
        return username;
    }

    public String displayName() {
        return displayName;
    }

    public boolean isActive() {
        return active;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Account account && id().equals(account.id());
    }

    @Override
    public int hashCode() {
        return id().hashCode();
    }
}
