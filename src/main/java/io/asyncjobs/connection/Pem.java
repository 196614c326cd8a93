package io.asyncjobs.connection;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM. No failure holds a part of a key. */
final class Pem {

    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----\\s*");
    private static final Pattern CERTIFICATE = Pattern.compile("-----BEGIN CERTIFICATE-----");
    private static final List<String> KINDS = List.of("RSA", "EC", "EdDSA");

    private Pem() {}

    /** The certificates, at least one; empty for what holds none, or one that cannot be read. */
    static List<X509Certificate> certificates(String pem) {
        if (!CERTIFICATE.matcher(pem).find()) {
            return List.of();
        }
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (CertificateException e) {
            return List.of();
        }
    }

    /** A private key in PKCS#8; empty for anything else. */
    static Optional<PrivateKey> privateKey(String pem) {
        Matcher matcher = PRIVATE_KEY.matcher(pem.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            PKCS8EncodedKeySpec encoded =
                    new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
            for (String kind : KINDS) {
                try {
                    return Optional.of(KeyFactory.getInstance(kind).generatePrivate(encoded));
                } catch (InvalidKeySpecException e) {
                    // Of another kind, perhaps
                }
            }
            return Optional.empty();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the key is the one of the certificate. */
    static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
        PublicKey known = certificate.getPublicKey();
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        byte[] anything = {1, 2, 3};
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(anything);
            byte[] signed = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(known);
            verifying.update(anything);
            return verifying.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
