package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.UnavailableException;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Secrets of this environment that a manifest names and does not hold: files of a folder, without the line end. */
@Singleton
class NamedSecrets {

    /** Nothing of it leads out of the folder. */
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");

    private static final long MAX_BYTES = 64 * 1024;

    private final Optional<Path> directory;

    NamedSecrets(ProvisioningConfig config) {
        this.directory = config.secretsDirectory();
    }

    /** The secret of that name, if it is set. */
    Optional<String> find(String name) {
        if (directory.isEmpty() || !FILE.matcher(name).matches()) {
            return Optional.empty();
        }
        Path file = directory.get().resolve(name);
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
                return Optional.empty();
            }
            String secret = Files.readString(file).replaceFirst("\\r?\\n$", "");
            return secret.isEmpty() ? Optional.empty() : Optional.of(secret);
        } catch (IOException e) {
            throw new UnavailableException("The secret '" + name + "' cannot be read from the folder of secrets.");
        }
    }

    /** What to do where it is not set. */
    String howToSet(String name) {
        return directory.isPresent()
                ? "Put it into a file of that name in the folder of secrets"
                : "Set ASYNCJOBS_PROVISIONING_SECRETS_DIRECTORY to a folder with a file of that name, or create the"
                        + " connection '" + name + "' with its secret first";
    }
}
