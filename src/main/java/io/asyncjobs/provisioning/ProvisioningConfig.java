package io.asyncjobs.provisioning;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** How manifests are applied. */
@ConfigMapping(prefix = "asyncjobs.provisioning")
public interface ProvisioningConfig {

    /** A folder with one file for each secret that manifests may name, as orchestrators mount them. */
    Optional<Path> secretsDirectory();
}
