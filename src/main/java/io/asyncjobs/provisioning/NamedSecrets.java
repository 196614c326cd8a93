package io.asyncjobs.provisioning;

import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

    /**
     * The draft of a connection with the secrets that the manifest names. One that the connection has stored already may be
     * missing from the folder.
     *
     * @param path of the connection in the manifest
     * @param violations takes those that are not set
     */
    ConnectionDraft complete(
            Manifest.WantedConnection wanted,
            @Nullable ConnectionView present,
            String path,
            List<Violation> violations) {
        SecretRefs refs = wanted.refs();
        SecretRefs stored = present == null ? new SecretRefs(null, null, Map.of()) : SecretRefs.of(present);
        Map<String, String> named = new TreeMap<>();
        refs.named().forEach((name, ref) -> {
            String field = path + "." + SecretRefs.NAMED + "." + name;
            String secret = find(ref, stored.named().get(name), field, violations);
            if (secret != null) {
                named.put(name, secret);
            }
        });
        return wanted.draft()
                .withSecrets(
                        find(refs.secret(), stored.secret(), path + "." + SecretRefs.SECRET, violations),
                        find(refs.clientKey(), stored.clientKey(), path + "." + SecretRefs.CLIENT_KEY, violations),
                        named);
    }

    private @Nullable String find(
            @Nullable String ref, @Nullable String stored, String field, List<Violation> violations) {
        if (ref == null) {
            return null;
        }
        Optional<String> secret = find(ref);
        if (secret.isEmpty() && !SecretRefs.same(ref, stored)) {
            violations.add(new Violation(
                    field, "names a secret that is not set in this environment: '" + ref + "'. " + howToSet(ref)));
        }
        return secret.orElse(null);
    }

    private Optional<String> find(String name) {
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

    private String howToSet(String name) {
        return directory.isPresent()
                ? "Put it into a file of that name in the folder of secrets"
                : "Set ASYNCJOBS_PROVISIONING_SECRETS_DIRECTORY to a folder with a file of that name, or create the"
                        + " connection with its secret first";
    }
}
