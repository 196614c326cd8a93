package io.asyncjobs.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Fast
class VerificationKeyTest {

    @TempDir
    Path folder;

    @Test
    void pem_file_tells_its_algorithm_by_path_and_by_address() throws Exception {
        Path rsa = pem("RSA");

        assertThat(VerificationKey.algorithmOf(rsa.toString())).contains("RS256");
        assertThat(VerificationKey.algorithmOf(rsa.toUri().toString())).contains("RS256");
        assertThat(VerificationKey.algorithmOf(pem("EC").toString())).contains("ES256");
    }

    @Test
    void anything_else_is_left_to_the_token_library() throws Exception {
        assertThat(VerificationKey.algorithmOf("https://issuer.example/keys")).isEmpty();
        assertThat(VerificationKey.algorithmOf(folder.resolve("none.pem").toString()))
                .isEmpty();
        assertThat(VerificationKey.algorithmOf(Files.writeString(folder.resolve("keys.json"), "{\"keys\":[]}")
                        .toString()))
                .isEmpty();
        assertThat(VerificationKey.algorithmOf(pem("Ed25519").toString())).isEmpty();
    }

    private Path pem(String kind) throws NoSuchAlgorithmException, IOException {
        byte[] key =
                KeyPairGenerator.getInstance(kind).generateKeyPair().getPublic().getEncoded();
        return Files.writeString(
                folder.resolve(kind + ".pem"),
                "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                        + "\n-----END PUBLIC KEY-----\n");
    }
}
