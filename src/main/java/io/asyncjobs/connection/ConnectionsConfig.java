package io.asyncjobs.connection;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Where connections of scripts may lead. */
@ConfigMapping(prefix = "asyncjobs.connections")
public interface ConnectionsConfig {

    /**
     * Whether they may lead to the service's own database, with a role that cannot reach the service's tables. Without it,
     * such a connection is refused when it is saved and when it is used.
     */
    @WithDefault("false")
    boolean allowOwnDatabase();
}
