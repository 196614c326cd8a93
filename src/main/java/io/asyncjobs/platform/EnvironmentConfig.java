package io.asyncjobs.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which environment this is, so that nobody takes one for another. */
@ConfigMapping(prefix = "asyncjobs.environment")
public interface EnvironmentConfig {

    /** Stands on every page. */
    @WithDefault("local")
    String name();

    /** Whether pages warn that this is production; told by the name unless said. */
    Optional<Boolean> production();

    /** Whether this is production. */
    default boolean isProduction() {
        return production().orElseGet(() -> Set.of("prod", "production", "prd", "live")
                .contains(name().strip().toLowerCase(Locale.ROOT)));
    }
}
