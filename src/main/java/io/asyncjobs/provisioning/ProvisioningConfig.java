package io.asyncjobs.provisioning;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How manifests are applied. */
@ConfigMapping(prefix = "asyncjobs.provisioning")
public interface ProvisioningConfig {

    /** A folder with one file for each secret that manifests may name, as orchestrators mount them. */
    Optional<Path> secretsDirectory();

    /** Whether a plan is applied only when somebody else than its author has approved it. */
    @WithDefault("false")
    boolean approvalRequired();

    /** How long after its approval a plan can be applied. */
    @WithDefault("24h")
    Duration approvalValidFor();
}
