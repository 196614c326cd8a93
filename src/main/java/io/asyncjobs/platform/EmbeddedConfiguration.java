package io.asyncjobs.platform;

import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * What the service found out for itself before it started: where its own database is and what its own tokens are
 * verified with.
 *
 * <p>Kept in memory, since command lines, environments and system properties are shown to others. Weaker than what a
 * person configures by environment or system property, stronger than {@code application.properties}.
 */
public final class EmbeddedConfiguration implements ConfigSource {

    private static final int ORDINAL = 260;

    private static volatile Map<String, String> provided = Map.of();

    /** Takes effect for configurations read from now on: to be called before Quarkus runs. */
    public static void provide(Map<String, String> values) {
        provided = Map.copyOf(values);
    }

    @Override
    public int getOrdinal() {
        return ORDINAL;
    }

    @Override
    public Set<String> getPropertyNames() {
        return provided.keySet();
    }

    @Override
    public @Nullable String getValue(String name) {
        return provided.get(name);
    }

    @Override
    public String getName() {
        return "what the service brings along";
    }
}
