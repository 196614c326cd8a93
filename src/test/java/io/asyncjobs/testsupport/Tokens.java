package io.asyncjobs.testsupport;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Tokens for tests, signed with a key pair of this test JVM that the application under test verifies against.
 *
 * <p>Good ones in one call; hostile ones by changing what {@link #draft()} starts from, claim by claim and header by
 * header, signed or not.
 */
public final class Tokens {

    public static final String ISSUER = "async-job-manager";
    public static final String AUDIENCE = "async-job-manager";
    public static final String SUPERADMIN = "superadmin";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String PROPERTY = "asyncjobs.test.key.";

    private static final KeyPair KEYS = keysOfThisJvm();

    private Tokens() {}

    /** A token that opens everything. */
    public static String superadmin(String user) {
        return withRoles(user, SUPERADMIN);
    }

    /** A valid token with those roles and no others. */
    public static String withRoles(String user, String... roles) {
        return draft().user(user).claim("groups", List.of(roles)).sign();
    }

    /** The private key with which the application signs tokens for runs' users, as a PEM file; the pair of this JVM. */
    public static Path userTokenKey() {
        try {
            Path file = Files.createTempFile("user-tokens", ".pem");
            file.toFile().deleteOnExit();
            return Files.writeString(
                    file,
                    "-----BEGIN PRIVATE KEY-----\n"
                            + Base64.getMimeEncoder()
                                    .encodeToString(KEYS.getPrivate().getEncoded())
                            + "\n-----END PRIVATE KEY-----\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts from a valid token without roles. */
    public static Draft draft() {
        return new Draft();
    }

    /** The public key, as an attacker knows it too. */
    public static RSAPublicKey publicKey() {
        return (RSAPublicKey) KEYS.getPublic();
    }

    /** The value of {@code mp.jwt.verify.publickey}: a JSON Web Key Set. */
    public static String verificationKeys() {
        RSAPublicKey key = publicKey();
        return json(Map.of(
                "keys",
                List.of(Map.of(
                        "kty", "RSA",
                        "use", "sig",
                        "alg", "RS256",
                        "n", unsigned(key.getModulus()),
                        "e", unsigned(key.getPublicExponent())))));
    }

    /** A token in the making; each call changes it. */
    public static final class Draft {

        private final Map<String, Object> header = new LinkedHashMap<>();
        private final Map<String, Object> claims = new LinkedHashMap<>();

        private Draft() {
            Instant now = Instant.now();
            header.put("typ", "JWT");
            header.put("alg", "RS256");
            claims.put("iss", ISSUER);
            claims.put("aud", AUDIENCE);
            claims.put("iat", now.getEpochSecond());
            claims.put("exp", now.plus(Duration.ofMinutes(10)).getEpochSecond());
            claims.put("jti", UUID.randomUUID().toString());
            user("tester");
        }

        public Draft user(String user) {
            return claim("sub", user).claim("upn", user);
        }

        public Draft claim(String name, Object value) {
            claims.put(name, value);
            return this;
        }

        public Draft without(String claim) {
            claims.remove(claim);
            return this;
        }

        /** An expiry that far from now, or before it. */
        public Draft expiresIn(Duration duration) {
            return claim("exp", Instant.now().plus(duration).getEpochSecond());
        }

        public Draft header(String name, Object value) {
            header.put(name, value);
            return this;
        }

        /** Signed with this JVM's key by RS256, whatever the header says. */
        public String sign() {
            return sign(KEYS.getPrivate());
        }

        /** Signed with that key by the algorithm the key is for, whatever the header says. */
        public String sign(Key key) {
            return sign(
                    key,
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSAinP1363Format";
                        default -> "HmacSHA256";
                    });
        }

        /** Signed with that key by that algorithm of Java's, whatever the header says. */
        public String sign(Key key, String algorithm) {
            String content = content();
            byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
            try {
                if (key instanceof SecretKey) {
                    Mac mac = Mac.getInstance(algorithm);
                    mac.init(key);
                    return content + "." + BASE64.encodeToString(mac.doFinal(bytes));
                }
                Signature signature = Signature.getInstance(algorithm);
                signature.initSign((PrivateKey) key);
                signature.update(bytes);
                return content + "." + BASE64.encodeToString(signature.sign());
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException(e);
            }
        }

        /** With an empty signature. */
        public String unsigned() {
            return content() + ".";
        }

        private String content() {
            return encode(header) + "." + encode(claims);
        }

        private static String encode(Map<String, Object> part) {
            return BASE64.encodeToString(json(part).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String json(Map<String, ?> value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int from = bytes.length > 1 && bytes[0] == 0 ? 1 : 0;
        return BASE64.encodeToString(java.util.Arrays.copyOfRange(bytes, from, bytes.length));
    }

    /** Quarkus loads test classes more than once; the JVM's properties are the one place they all share. */
    private static KeyPair keysOfThisJvm() {
        synchronized (System.getProperties()) {
            try {
                String known = System.getProperty(PROPERTY + "private");
                if (known == null) {
                    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                    generator.initialize(2048);
                    KeyPair keys = generator.generateKeyPair();
                    System.setProperty(PROPERTY + "public", text(keys.getPublic()));
                    System.setProperty(PROPERTY + "private", text(keys.getPrivate()));
                    return keys;
                }
                KeyFactory factory = KeyFactory.getInstance("RSA");
                return new KeyPair(
                        factory.generatePublic(new X509EncodedKeySpec(
                                Base64.getDecoder().decode(System.getProperty(PROPERTY + "public")))),
                        factory.generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getDecoder().decode(known))));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static String text(Key key) {
        return Base64.getEncoder().encodeToString(key.getEncoded());
    }
}
