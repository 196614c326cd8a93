package io.asyncjobs.security;

import io.asyncjobs.platform.DataFolder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;

/**
 * The issuer of a service that has no other: a key pair under the data folder, made by whoever needs it first.
 *
 * <p>Whoever can read the data folder can make tokens, and nobody else.
 */
public final class EmbeddedIssuer {

    /** Both names are what the service expects by default; the embedded issuer is used with these only. */
    public static final String ISSUER = "async-job-manager";

    public static final String AUDIENCE = "async-job-manager";

    private static final String KEY_FILE = "token-signing-key.pem";

    private final TokenSigner signer;
    private final PublicKey verificationKey;

    private EmbeddedIssuer(TokenSigner signer, PublicKey verificationKey) {
        this.signer = signer;
        this.verificationKey = verificationKey;
    }

    /** The issuer of that folder. */
    public static EmbeddedIssuer in(DataFolder data) throws IOException {
        String pem = data.keepSecretIfNone(KEY_FILE, EmbeddedIssuer::newKey);
        String where = data.path().resolve(KEY_FILE).toString();
        if (!(TokenSigner.decoded(pem, where) instanceof RSAPrivateCrtKey key)) {
            throw new IOException("The signing key in " + where + " has no public part");
        }
        try {
            PublicKey verificationKey = KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
            return new EmbeddedIssuer(TokenSigner.of(key, where), verificationKey);
        } catch (GeneralSecurityException e) {
            throw new IOException("The signing key in " + where + " cannot be read", e);
        }
    }

    /** The public key as a JSON Web Key Set that names the one algorithm it is for. */
    public String verificationKeys() {
        try {
            JsonWebKey key = JsonWebKey.Factory.newJwk(verificationKey);
            key.setAlgorithm(AlgorithmIdentifiers.RSA_USING_SHA256);
            key.setUse("sig");
            return new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A signed token that the service of the same folder accepts until its time is up. */
    public String token(String user, List<String> roles, Duration timeToLive) {
        Instant now = Instant.now();
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(ISSUER);
        claims.setAudience(AUDIENCE);
        claims.setSubject(user);
        claims.setStringClaim("upn", user);
        claims.setStringListClaim("groups", roles);
        claims.setIssuedAt(NumericDate.fromSeconds(now.getEpochSecond()));
        claims.setExpirationTime(NumericDate.fromSeconds(now.plus(timeToLive).getEpochSecond()));
        claims.setJwtId(UUID.randomUUID().toString());
        return signer.sign(claims);
    }

    private static String newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return TokenSigner.pem(generator.generateKeyPair().getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
