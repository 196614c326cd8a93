package io.asyncjobs.security;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An external issuer's public key in a PEM file: the one form that does not say by itself what it is for.
 *
 * <p>The token library reads such a file by the first algorithm it is allowed, so with RS256 and ES256 both allowed it
 * would take an RSA key for an EC key.
 */
public final class VerificationKey {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PUBLIC KEY-----(?<base64>[^-]+)-----END PUBLIC KEY-----");

    private VerificationKey() {}

    /** The algorithm a key file is for; empty where it is no readable PEM public key (a JWK set, or another place). */
    public static Optional<String> algorithmOf(String location) {
        Matcher pem;
        try {
            Path file = location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location);
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            pem = PEM.matcher(Files.readString(file));
        } catch (IOException | IllegalArgumentException e) {
            // The token library will say what is wrong with the place
            return Optional.empty();
        }
        if (!pem.find()) {
            return Optional.empty();
        }
        X509EncodedKeySpec key = new X509EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group("base64")));
        return isA("RSA", key) ? Optional.of("RS256") : isA("EC", key) ? Optional.of("ES256") : Optional.empty();
    }

    private static boolean isA(String kind, X509EncodedKeySpec key) {
        try {
            KeyFactory.getInstance(kind).generatePublic(key);
            return true;
        } catch (InvalidKeySpecException e) {
            return false;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has " + kind, e);
        }
    }
}
