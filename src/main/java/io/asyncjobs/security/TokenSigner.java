package io.asyncjobs.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;

/** Signs JSON Web Tokens: RS256 with an RSA key, ES256 with one on the curve P-256. Thread-safe. */
public final class TokenSigner {

    private static final String PEM_HEAD = "-----BEGIN PRIVATE KEY-----";
    private static final String PEM_FOOT = "-----END PRIVATE KEY-----";
    private static final int LEAST_RSA_BITS = 2048;
    private static final int P256_BITS = 256;

    private final PrivateKey key;
    private final String algorithm;

    private TokenSigner(PrivateKey key, String algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    /**
     * Reads a private key in PKCS#8 PEM.
     *
     * @throws IOException when the file cannot be read or holds no such key; the message never holds a part of it
     */
    public static TokenSigner read(Path file) throws IOException {
        return of(decoded(Files.readString(file), file.toString()), file.toString());
    }

    static TokenSigner of(PrivateKey key, String where) throws IOException {
        if (key instanceof RSAPrivateKey rsa && rsa.getModulus().bitLength() >= LEAST_RSA_BITS) {
            return new TokenSigner(key, AlgorithmIdentifiers.RSA_USING_SHA256);
        }
        if (key instanceof ECPrivateKey ec && ec.getParams().getOrder().bitLength() == P256_BITS) {
            return new TokenSigner(key, AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
        }
        throw new IOException(
                "The key in " + where + " must be an RSA key of 2048 bits or more, or one on the curve P-256");
    }

    /** The key of a PEM text. */
    static PrivateKey decoded(String pem, String where) throws IOException {
        try {
            byte[] encoded = Base64.getMimeDecoder()
                    .decode(pem.replace(PEM_HEAD, "").replace(PEM_FOOT, "").strip());
            PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(encoded);
            for (String kind : List.of("RSA", "EC")) {
                try {
                    return KeyFactory.getInstance(kind).generatePrivate(spec);
                } catch (java.security.spec.InvalidKeySpecException e) {
                    // Of the other kind, perhaps
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("The key in " + where + " cannot be read", e);
        }
        throw new IOException("The key in " + where + " is no private key in PKCS#8 PEM");
    }

    static String pem(PrivateKey key) {
        return PEM_HEAD + "\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded()) + "\n"
                + PEM_FOOT;
    }

    /** The signed token in its compact form. */
    public String sign(JwtClaims claims) {
        JsonWebSignature token = new JsonWebSignature();
        token.setHeader("typ", "JWT");
        token.setAlgorithmHeaderValue(algorithm);
        token.setKey(key);
        token.setPayload(claims.toJson());
        try {
            return token.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }
}
