package io.asyncjobs.platform.crypto;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/** The keys with which secrets are encrypted at rest. */
@ConfigMapping(prefix = "asyncjobs.encryption")
public interface EncryptionConfig {

    /**
     * Each as {@code id:key}, the key being 32 bytes in Base64. All are used to decrypt, one to encrypt. There is no
     * default; without a key nothing secret can be saved.
     */
    Optional<List<String>> keys();

    /** The id of the key that encrypts; the first one unless said otherwise. */
    Optional<String> primaryKey();
}
