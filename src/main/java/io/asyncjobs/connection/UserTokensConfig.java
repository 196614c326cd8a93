package io.asyncjobs.connection;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How connections say for which user they call. */
@ConfigMapping(prefix = "asyncjobs.user-tokens")
public interface UserTokensConfig {

    /** The private key that signs, in PKCS#8 PEM; the services that are called hold its public part. There is no default. */
    Optional<Path> signingKeyLocation();

    /** What the tokens name as their issuer. */
    @WithDefault("async-job-manager")
    String issuer();

    /** How long one is valid; one is made for each call. */
    @WithDefault("60s")
    Duration timeToLive();
}
