package io.asyncjobs.testsupport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A private authority with certificates for {@code localhost}, made by keytool in a folder of the test. */
public final class TestCertificates {

    private static final String PASSWORD = "changeit";

    private final Path store;

    private TestCertificates(Path store) {
        this.store = store;
    }

    /** An authority with a certificate of a server and one of a client; the client's is valid for so many days. */
    public static TestCertificates make(Path folder, int clientDays) {
        TestCertificates made = new TestCertificates(folder.resolve("certificates.p12"));
        made.keytool("ca", "CN=Private CA", "-ext", "bc:c", "-validity", "365");
        made.keytool(
                "server",
                "CN=localhost",
                "-signer",
                "ca",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "300");
        made.keytool("client", "CN=job-scripts", "-signer", "ca", "-validity", String.valueOf(clientDays));
        return made;
    }

    private void keytool(String alias, String name, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                name,
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString()));
        command.addAll(List.of(more));
        Programs.run(new ProcessBuilder(command));
    }

    /** All of it, for a server of the test. */
    public KeyStore keyStore() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    public char[] password() {
        return PASSWORD.toCharArray();
    }

    /** The certificate in PEM. */
    public String certificate(String alias) throws IOException, GeneralSecurityException {
        return pem("CERTIFICATE", keyStore().getCertificate(alias).getEncoded());
    }

    /** The private key in PKCS#8 PEM. */
    public String key(String alias) throws IOException, GeneralSecurityException {
        return pem("PRIVATE KEY", keyStore().getKey(alias, password()).getEncoded());
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + what
                + "-----\n";
    }
}
