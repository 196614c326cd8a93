package io.asyncjobs.connection;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs with the named secrets of connections, so that scripts need not see them. */
public final class Signatures {

    /** What they are called in scripts, and in Java. Of elliptic curves the signature is r and s, as in a JWT. */
    private static final Map<String, String> HMAC =
            Map.of("hmac-sha256", "HmacSHA256", "hmac-sha384", "HmacSHA384", "hmac-sha512", "HmacSHA512");

    private static final Map<String, String> BY_KEY = Map.of(
            "rsa-sha256", "SHA256withRSA",
            "rsa-sha384", "SHA384withRSA",
            "rsa-sha512", "SHA512withRSA",
            "ecdsa-sha256", "SHA256withECDSAinP1363Format",
            "ecdsa-sha384", "SHA384withECDSAinP1363Format",
            "ecdsa-sha512", "SHA512withECDSAinP1363Format");

    private static final Map<String, PSSParameterSpec> PSS = Map.of(
            "rsa-pss-sha256", new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1),
            "rsa-pss-sha384", new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 48, 1),
            "rsa-pss-sha512", new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1));

    private static final String ALGORITHMS =
            "hmac-, rsa-, rsa-pss- or ecdsa-, followed by sha256, sha384 or sha512, like hmac-sha256";

    private Signatures() {}

    /** The secret of that name. */
    public static String secret(OpenConnection<HttpSettings> connection, String name) {
        String secret = connection.secrets().get(name);
        if (secret == null) {
            throw refused(
                    connection,
                    "it has no secret named '" + ConnectionCallException.shown(name) + "'; a superadmin stores one with"
                            + " the connection");
        }
        return secret;
    }

    /** Whether signing needs a private key and not a text. */
    private static boolean isByKey(String algorithm) {
        return BY_KEY.containsKey(algorithm) || PSS.containsKey(algorithm);
    }

    /**
     * The signature of data.
     *
     * @throws ConnectionCallException when there is no such secret or algorithm, or one is not for the other
     */
    public static byte[] sign(OpenConnection<HttpSettings> connection, String name, String algorithm, byte[] data) {
        String secret = secret(connection, name);
        String hmac = HMAC.get(algorithm);
        if (hmac == null && !isByKey(algorithm)) {
            throw refused(
                    connection,
                    "there is no algorithm '" + ConnectionCallException.shown(algorithm) + "'; it is " + ALGORITHMS);
        }
        try {
            return hmac != null ? mac(hmac, secret, data) : signed(connection, name, secret, algorithm, data);
        } catch (GeneralSecurityException e) {
            throw refused(connection, "its secret '" + name + "' is not a key for " + algorithm);
        }
    }

    private static byte[] mac(String algorithm, String secret, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), algorithm));
        return mac.doFinal(data);
    }

    private static byte[] signed(
            OpenConnection<HttpSettings> connection, String name, String secret, String algorithm, byte[] data)
            throws GeneralSecurityException {
        PrivateKey key = Pem.privateKey(secret)
                .orElseThrow(() -> refused(
                        connection,
                        "its secret '" + name + "' is no private key in PKCS#8 PEM, as " + algorithm + " needs one"));
        PSSParameterSpec pss = PSS.get(algorithm);
        Signature signature = Signature.getInstance(pss == null ? BY_KEY.get(algorithm) : "RSASSA-PSS");
        if (pss != null) {
            signature.setParameter(pss);
        }
        signature.initSign(key);
        signature.update(data);
        return signature.sign();
    }

    private static ConnectionCallException refused(OpenConnection<HttpSettings> connection, String why) {
        return new ConnectionCallException("not_called", "http: " + connection.name() + " was not called: " + why);
    }
}
