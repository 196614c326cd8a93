package io.asyncjobs.security;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Tells at start how to get a token, where the service is its own issuer. */
@Singleton
final class TokenHint {

    private static final Logger LOG = Logger.getLogger(TokenHint.class);

    private final Optional<String> folder;

    TokenHint(@ConfigProperty(name = "asyncjobs.embedded-issuer.folder") Optional<String> folder) {
        this.folder = folder;
    }

    void onStart(@Observes StartupEvent event) {
        folder.ifPresent(path ->
                LOG.infof("The API wants a token. This service is its own issuer: ./asyncjobs token --data %s", path));
    }
}
