package io.asyncjobs.connection;

import io.asyncjobs.platform.crypto.UnreadableSecretException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a connection's secrets when a draft is saved over it: a stored one stays where it goes to the same place. */
@Singleton
class SecretKeeper {

    private static final String ELSEWHERE =
            "is required again, because the stored one was given for another place or another way";
    private static final String DAMAGED = "is required again, because the stored settings are damaged";

    private final ConnectionSecrets secrets;
    private final StoredSettings stored;

    SecretKeeper(ConnectionSecrets secrets, StoredSettings stored) {
        this.secrets = secrets;
        this.stored = stored;
    }

    /** Seals what the draft brings along into the connection, whose settings are still the former ones. */
    void take(Connection connection, ConnectionDraft draft, ConnectionSettings settings) {
        String secret = draft.secret();
        if (secret != null) {
            connection.sealedSecret = secrets.seal(connection.id, settings.target(), secret);
        } else if (!settings.takesSecret()) {
            connection.sealedSecret = null;
        }
        connection.namedSecrets = named(connection, draft, settings);
        String key = draft.clientKey();
        TlsSettings tls = settings.tls();
        if (tls == null || tls.clientCertificate() == null) {
            connection.sealedClientKey = null;
        } else if (key != null) {
            connection.sealedClientKey = secrets.sealClientKey(connection.id, settings.place(), key);
        }
    }

    /**
     * Lets a draft pass if the connection has whatever it leaves out.
     *
     * @throws InvalidException with what is missing
     */
    void require(@Nullable Connection connection, ConnectionDraft draft, ConnectionSettings settings) {
        List<Violation> violations = new ArrayList<>();
        Optional<ConnectionSettings> before = connection == null ? Optional.empty() : stored.find(connection);
        if (draft.secret() == null && settings.takesSecret()) {
            if (connection == null || connection.sealedSecret == null) {
                if (settings.needsSecret()) {
                    violations.add(new Violation("secret", "is required for this authentication"));
                }
            } else if (before.isEmpty()) {
                violations.add(new Violation("secret", DAMAGED));
            } else if (!before.get().target().equals(settings.target())) {
                violations.add(new Violation("secret", ELSEWHERE));
            }
        }
        boolean moved = before.isEmpty() || !before.get().place().equals(settings.place());
        if (connection != null && moved) {
            StoredSecrets.read(connection.namedSecrets).keySet().stream()
                    .filter(name -> settings.http() != null && !draft.secrets().containsKey(name))
                    .forEach(name ->
                            violations.add(new Violation("secrets." + name, before.isEmpty() ? DAMAGED : ELSEWHERE)));
        }
        requireClientKey(connection, draft, settings, moved, violations);
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
    }

    private void requireClientKey(
            @Nullable Connection connection,
            ConnectionDraft draft,
            ConnectionSettings settings,
            boolean moved,
            List<Violation> violations) {
        TlsSettings tls = settings.tls();
        String certificate = tls == null ? null : tls.clientCertificate();
        if (certificate == null || draft.clientKey() != null) {
            return;
        }
        byte[] sealed = connection == null ? null : connection.sealedClientKey;
        if (connection == null || sealed == null) {
            violations.add(new Violation("clientKey", "is required for a client certificate"));
        } else if (moved) {
            violations.add(new Violation("clientKey", ELSEWHERE));
        } else if (!isOf(certificate, secrets.openClientKey(connection.id, settings.place(), sealed))) {
            violations.add(new Violation("clientKey", "is required again: the stored one is not of this certificate"));
        }
    }

    private static boolean isOf(String certificate, String key) {
        Optional<PrivateKey> privateKey = Pem.privateKey(key);
        return privateKey.isPresent()
                && Pem.belongTogether(
                        privateKey.get(), Pem.certificates(certificate).getFirst());
    }

    /** The draft with only those of its secrets that the connection has not stored already. */
    ConnectionDraft withoutStored(@Nullable Connection present, ConnectionDraft draft, ConnectionSettings settings) {
        if (present == null) {
            return draft;
        }
        Optional<ConnectionSettings> before = stored.find(present);
        boolean sameTarget = before.isPresent() && before.get().target().equals(settings.target());
        boolean samePlace = before.isPresent() && before.get().place().equals(settings.place());
        Map<String, byte[]> sealed = StoredSecrets.read(present.namedSecrets);
        Map<String, String> named = new TreeMap<>(draft.secrets());
        named.entrySet()
                .removeIf(secret -> samePlace
                        && isStored(
                                secret.getValue(),
                                sealed.get(secret.getKey()),
                                bytes -> secrets.openNamed(present.id, secret.getKey(), settings.place(), bytes)));
        return draft.withSecrets(
                sameTarget
                                && isStored(
                                        draft.secret(),
                                        present.sealedSecret,
                                        bytes -> secrets.open(present.id, settings.target(), bytes))
                        ? null
                        : draft.secret(),
                samePlace
                                && isStored(
                                        draft.clientKey(),
                                        present.sealedClientKey,
                                        bytes -> secrets.openClientKey(present.id, settings.place(), bytes))
                        ? null
                        : draft.clientKey(),
                named);
    }

    private static boolean isStored(
            @Nullable String secret, byte @Nullable [] sealed, Function<byte[], String> opening) {
        try {
            return secret != null && sealed != null && opening.apply(sealed).equals(secret);
        } catch (UnreadableSecretException e) {
            return false;
        }
    }

    private String named(Connection connection, ConnectionDraft draft, ConnectionSettings settings) {
        Map<String, byte[]> sealed =
                settings.http() == null ? new TreeMap<>() : new TreeMap<>(StoredSecrets.read(connection.namedSecrets));
        draft.secrets().forEach((name, secret) -> {
            if (secret.isEmpty()) {
                sealed.remove(name);
            } else {
                sealed.put(name, secrets.sealNamed(connection.id, name, settings.place(), secret));
            }
        });
        if (sealed.size() > ConnectionDraft.MAX_SECRETS) {
            throw new InvalidException(
                    "secrets", "must be at most " + ConnectionDraft.MAX_SECRETS + ", with those that are stored");
        }
        return StoredSecrets.write(sealed);
    }
}
