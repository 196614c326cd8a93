package io.asyncjobs.connection;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.security.TokenSigner;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;

/**
 * Short-lived tokens that tell a called service for which user a script acts. They carry no role, and an audience that the
 * connection names, so that they are of use nowhere else. Thread-safe.
 */
@Startup // a key that is none stops the service before it serves
@Singleton
public class UserTokens {

    private final UserTokensConfig config;
    private final DatabaseClock clock;
    private final Optional<TokenSigner> signer;

    UserTokens(UserTokensConfig config, DatabaseClock clock) {
        this.config = config;
        this.clock = clock;
        this.signer = config.signingKeyLocation().map(UserTokens::read);
    }

    private static TokenSigner read(Path file) {
        try {
            return TokenSigner.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException("asyncjobs.user-tokens.signing-key-location: " + e.getMessage(), e);
        }
    }

    /** Whether there is a key to sign with. */
    public boolean available() {
        return signer.isPresent();
    }

    /** A token for that user; empty without a key. */
    public Optional<String> token(String username, String audience) {
        return signer.map(by -> {
            Instant now = clock.now();
            JwtClaims claims = new JwtClaims();
            claims.setIssuer(config.issuer());
            claims.setAudience(audience);
            claims.setSubject(username);
            claims.setStringClaim("upn", username);
            claims.setIssuedAt(NumericDate.fromSeconds(now.getEpochSecond()));
            claims.setExpirationTime(
                    NumericDate.fromSeconds(now.plus(config.timeToLive()).getEpochSecond()));
            claims.setJwtId(UUID.randomUUID().toString());
            return by.sign(claims);
        });
    }
}
