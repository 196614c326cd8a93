package io.asyncjobs.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How the audit trail is protected and what it asks for. */
@ConfigMapping(prefix = "asyncjobs.audit")
public interface AuditConfig {

    /**
     * Each as {@code id:key}, the key being 32 bytes in Base64. All verify, one seals. There is no default; without a key
     * the service does not start.
     */
    Optional<List<String>> keys();

    /** The id of the key that seals new events; the first one unless said otherwise. */
    Optional<String> primaryKey();

    /** Whether each change by a person needs a reason. */
    @WithDefault("false")
    boolean reasonRequired();

    Checkpoint checkpoint();

    /** Signed notes of how far the trail has come, kept outside the database. */
    interface Checkpoint {

        /** The file they are added to, a line each; none is kept unless given. */
        Optional<Path> file();

        /** Where they are sent by POST; nowhere unless given. */
        Optional<URI> url();

        /** How often one is made, where the trail has grown. */
        @WithDefault("1m")
        Duration every();
    }
}
